"""Whose a PAN is: shown by the PAN card, decided by an office, moved to who lost his log-in (clauses 2(iv), 4(ii)).

A PAN that somebody states at sign-up is only stated. It is proved once an office has accepted its document; of the
parties that state it one at most is proved (the database refuses a second).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.grants import may, require_grant
from immis.core.papers import uploads
from immis.core.scope import visible
from immis.core.services import emit, log_action
from immis.messaging.services import Recipient, send
from immis.registry.events import PanAccepted, PanRefused
from immis.registry.models import PanProof, Party
from immis.registry.selectors import working_districts
from immis.registry.services import pan_refusal
from immis.rules.catalogue import Finding
from immis.rules.policy import book


def owner_of(pan: str) -> Party | None:
    """The party that is proved to own a PAN."""
    return Party.objects.filter(pan=pan.upper(), pan_proved_at__isnull=False).first()


def claimants(pan: str) -> list[Party]:
    """Every party that states a PAN, the proved one first, then the oldest."""
    rows = Party.objects.filter(pan=pan).prefetch_related("users", "pan_proofs")
    return sorted(rows, key=lambda row: (row.pan_proved_at is None, row.pk))


def require_pan(party: Party) -> None:
    """Raises Refusal (REG-12) for a party whose PAN another one is proved to own."""
    if party.pan_proved_at is None and (owner := owner_of(party.pan)) and owner.pk != party.pk:
        raise Refusal(Finding("REG-12", {"pan": party.pan}))


def proofs(viewer: Actor, **filters: Any) -> QuerySet[PanProof]:
    """PAN cards of the own district, and what others handed in for the same PANs, newest first."""
    own = PanProof.objects.filter(visible(viewer, "pan.read"))
    seen = Q(party__pan__in=own.values("party__pan"))
    return PanProof.objects.filter(seen, **filters).select_related("party")


def proof_of(pk: int, viewer: Actor) -> PanProof:
    """One PAN card; NotFound unless the post may see it."""
    row = proofs(viewer, pk=pk).first()
    if row is None:
        raise NotFound(f"PAN card {pk}")
    return row


def may_decide(proof: PanProof, viewer: Actor) -> bool:
    return proof.state == PanProof.SENT and may(viewer, "pan.decide", district=proof.district)


def open_proof_count(viewer: Actor) -> int:
    return proofs(viewer, state=PanProof.SENT).count()


def own_proofs(viewer: Actor) -> list[PanProof]:
    """What the viewer's own party handed in, newest first."""
    return list(PanProof.objects.filter(party_id=viewer.party_id)) if viewer.party_id else []


@transaction.atomic
def send_proof(*, party: Party, district: str, content: bytes, by: Actor, at: datetime) -> PanProof:
    """Hand in the PAN card of a party to a district's office; one that is not decided yet is replaced.

    Raises NotPermitted for another party, NotFound for a district that there is not, Refusal (REG-13, UPL-02).
    """
    if not by.is_system and by.party_id != party.pk:
        raise NotPermitted(f"party {party.code} is another one")
    if district not in working_districts():
        raise NotFound(f"district {district[:40] or 'without a name'}")
    party = Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    if party.pan_proved_at:
        raise pan_refusal("proved", pan=party.pan, at=at)
    uploads.admit(party_id=party.pk, size_bytes=len(content), at=at)
    sha256 = uploads.keep(content, at=at, party_id=party.pk, place=f"pan:{party.pk}")
    fields = {"district": district, "document": sha256, "sent_at": at}
    row, _new = PanProof.objects.update_or_create(party=party, state=PanProof.SENT, defaults=fields)
    payload = {"sha256": sha256, "district": district}
    log_action("pan.card_sent", subject=("party", party.code), by=by, at=at, facts=payload)
    return row


@transaction.atomic
def decide_proof(*, proof: PanProof, accept: bool, reason: str, by: Actor, at: datetime) -> PanProof:
    """Accept a PAN card, so that its party owns the PAN, or refuse it; with the reason, in the log and to the party.

    Where another party is proved already, its account goes to who showed the card: user ID, e-mail and telephone
    become the new ones, the old address is told, and the records stay where they are. Raises Refusal (REG-13),
    NotPermitted for another district.
    """
    require_grant(by, "pan.decide", district=proof.district)
    rivals = _locked_claimants(proof.party.pan)
    row = PanProof.objects.select_for_update(of=("self",)).get(pk=proof.pk)
    party = next(rival for rival in rivals if rival.pk == row.party_id)
    owner = next((rival for rival in rivals if rival.pan_proved_at and rival.pk != party.pk), None)
    if problem := _problem(row, reason=reason, moves=accept and owner is not None, by=by, at=at):
        raise pan_refusal(problem, pan=party.pan, at=at)
    row.state = PanProof.ACCEPTED if accept else PanProof.REFUSED
    row.decided_at, row.decided_by, row.reason = at, by.user_id, reason.strip()[:300]
    row.save()
    uploads.stand_for_good(row.document)
    if accept and owner:
        _move(owner, party, row, by=by, at=at)
    elif accept:
        party.pan_proved_at = at
        party.save(update_fields=["pan_proved_at"])
    _announce(row, owner if accept and owner else party, moved=bool(accept and owner), by=by, at=at)
    return row


def _locked_claimants(pan: str) -> Sequence[Party]:
    return list(Party.objects.select_for_update(no_key=True).filter(pan=pan).order_by("pk"))


def _problem(row: PanProof, *, reason: str, moves: bool, by: Actor, at: datetime) -> str:
    if row.state != PanProof.SENT:
        return "decided"
    if not reason.strip():
        return "reason"
    may_move = by.is_system or by.role in book().value("REG-13", at)["posts_that_move"]
    return "post" if moves and not may_move else ""


def _move(owner: Party, newcomer: Party, row: PanProof, *, by: Actor, at: datetime) -> None:
    """Give a party's account to who showed its PAN card: his user IDs and addresses in place of the old ones."""
    _send("MSG-105", owner, row, at=at)  # to the old address, before it changes
    before = {"users": [user.username for user in owner.users.all()], "email": owner.email, "phone": owner.phone}
    people = list(newcomer.users.all())
    owner.email, owner.phone = newcomer.email, newcomer.phone
    owner.save(update_fields=["email", "phone"])
    owner.users.set(people)
    newcomer.users.clear()
    after = {"users": [person.username for person in people], "email": owner.email, "phone": owner.phone}
    payload = {"before": before, "after": after, "from": newcomer.code, "reason": row.reason}
    log_action("party.account_moved", subject=("party", owner.code), by=by, at=at, facts=payload)


def _send(template: str, party: Party, row: PanProof, *, at: datetime) -> None:
    facts = {"pan": party.pan, "party": {"en": party.name_en, "hi": party.name_hi}, "reason": row.reason}
    to = Recipient("party", str(party.pk), email=party.email)
    send(template, to=to, facts=facts, at=at, subject=("party", party.code))


def _announce(row: PanProof, party: Party, *, moved: bool, by: Actor, at: datetime) -> None:
    _send("MSG-103" if row.state == PanProof.ACCEPTED else "MSG-104", party, row, at=at)
    facts = {"state": row.state, "reason": row.reason, "district": row.district, "moved": moved, "officer": by.name}
    kind = PanAccepted if row.state == PanProof.ACCEPTED else PanRefused
    log_action(kind.KIND, subject=("party", party.code), by=by, at=at, facts=facts)
    emit(kind(**facts, party_id=party.pk), subject=("party", party.code), at=at)
