"""Claims for loss in their register: whose they are, and the ticked clause by which one is refused (E-139, E-167)."""

from datetime import datetime

from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.services import emit
from immis.leases.accepted import accepted_clauses
from immis.leases.events.life import LossRefused
from immis.leases.models import Lease
from immis.leases.selectors import lease_facts
from immis.registers.hooks import Draft, after, before
from immis.registers.selectors import Entry
from immis.rules.auctions.clauses import QuoteFacts, no_claim_clauses
from immis.rules.catalogue import find
from immis.rules.policy import book

CLAIMS = "loss_claims"


@before(CLAIMS, "claim")
def complete_claim(draft: Draft) -> None:
    """A claim is its settlee's, and lies with the district of the ghat. Raises NotPermitted for another party."""
    lease = _lease(draft.values["lease"])
    if draft.by.is_party and lease.party_id != draft.by.party_id:
        raise NotPermitted(f"{lease.number} is another party's")
    draft.district, draft.party_id = lease.district, lease.party_id


@before(CLAIMS, "refuse")
def quote_clause(draft: Draft) -> None:
    """Quote the clause as it was ticked, with its version. Raises Refusal (LSE-72) for one that was not ticked."""
    lease, key = _lease(draft.values["lease"]), draft.values["clause"]
    ticked = accepted_clauses(lease)
    row = next((row for row in ticked if row.key == key), None)
    asked = row.clause if row else _number_of(key, lease)
    facts = QuoteFacts(asked, [known.clause for known in ticked])
    if findings := find("claim.quote", facts, policy=book(), at=draft.at):
        raise Refusal(findings)
    if row is not None:
        draft.values["quoted"] = f"{row.clause}: {row.text['hi']}\n{row.clause}: {row.text['en']}"
        draft.values |= {"version": row.from_on.isoformat(), "ticked_at": row.ticked_at.isoformat()}


@after(CLAIMS, "refuse")
def tell_refusal(claim: Entry, by: Actor, at: datetime) -> None:
    """The settlee learns by which clause it was refused (TRG-172)."""
    lease, act = _lease(claim.values["lease"]), claim.done.order_by("-id").first()
    row = next((row for row in accepted_clauses(lease) if row.key == claim.values["clause"]), None)
    if row is None:
        return
    payload = LossRefused(
        **lease_facts(lease),
        claim=claim.number,
        clause=row.clause,
        quoted=dict(row.text),
        ticked_at=row.ticked_at,
        reason=act.reason if act else "",
    )
    emit(payload, subject=("lease", lease.number), at=at, key=f"{payload.KIND}:{claim.number}")


def _lease(number: str) -> Lease:
    return Lease.objects.select_related("party", "block").get(number=number)


def _number_of(key: str, lease: Lease) -> str:
    """The number of a clause that was not ticked, as the terms of the settlement have it; else its key."""
    rows = no_claim_clauses(book(), lease.auction_closed_at)
    return next((str(row["clause"]) for row in rows if row["key"] == key), key)
