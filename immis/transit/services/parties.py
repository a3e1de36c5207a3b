"""Parties of other States: each registers itself with proof, and takes passes at once; an officer may stop one."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.papers import uploads
from immis.core.services import emit, log_action, next_number
from immis.registry.selectors import locked_party
from immis.rules.calendar import india_day
from immis.rules.catalogue import find
from immis.rules.policy import book
from immis.transit.events import PartyRegistered
from immis.transit.facts import holder_facts, stand_facts, state_names, switch_facts
from immis.transit.models import Registration


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Who a party is in its own State, and the paper that shows it; ``district`` is where its loads mostly enter."""

    state_code: str
    kind: str
    licence_no: str
    district: str
    content: bytes


@transaction.atomic
def register_party(*, proof: Proof, by: Actor, at: datetime) -> Registration:
    """Register the own party for transit passes; nobody is asked, so nobody waits.

    Raises Refusal (IST-01 not in force, IST-13 registered already, UPL-02), NotPermitted for who acts for no party.
    """
    require_grant(by, "istp.apply")
    if not by.party_id:
        raise NotPermitted("a party registers itself")
    party = locked_party(by.party_id)
    findings = find("istp.in_force", switch_facts(None, by, at), policy=book(), at=at)
    findings += find("istp.register", holder_facts(None, by, at), policy=book(), at=at)
    if findings:
        raise Refusal(findings)
    uploads.admit(party_id=party.pk, size_bytes=len(proof.content), at=at)
    sha256 = uploads.keep(proof.content, at=at, party_id=party.pk, place=f"istp:{party.pk}:proof")
    year = india_day(at).year
    row = Registration.objects.create(
        number=f"ISTPP-{year % 100:02d}-{next_number(f'istp-party-{year}'):06d}",
        party=party,
        state_code=proof.state_code,
        kind=proof.kind,
        licence_no=proof.licence_no.strip(),
        district=proof.district,
        document=sha256,
        at=at,
    )
    payload = PartyRegistered(
        number=row.number,
        party_id=party.pk,
        party={"en": party.name_en, "hi": party.name_hi},
        origin_state=state_names(row.state_code)["en"],
        licence_no=row.licence_no,
        district=row.district,
    )
    facts = {"state": row.state_code, "kind": row.kind, "licence_no": row.licence_no, "document": sha256}
    log_action(payload.KIND, subject=("istp_party", row.number), by=by, at=at, facts=facts)
    emit(payload, subject=("istp_party", row.number), at=at)
    return row


@transaction.atomic
def change_registration(*, registration: Registration, to: str, reason: str, by: Actor, at: datetime) -> Registration:
    """Stop a registration, or open it again, with the reason.

    Raises Refusal (IST-14) where it is so already, NotPermitted for another district's officer.
    """
    require_grant(by, "istp.stop_party", district=registration.district)
    row = Registration.objects.select_for_update(of=("self",)).select_related("party").get(pk=registration.pk)
    if findings := find("istp.change_party", stand_facts(row, to), policy=book(), at=at):
        raise Refusal(findings)
    row.state, row.reason = to, reason.strip()[:300]
    row.changed_at, row.changed_by = at, by.user_id
    row.save(update_fields=["state", "reason", "changed_at", "changed_by"])
    code = "istp_party.stopped" if to == Registration.STOPPED else "istp_party.opened"
    log_action(code, subject=("istp_party", row.number), by=by, at=at, facts={"reason": row.reason})
    uploads.stand_for_good(row.document)
    return row
