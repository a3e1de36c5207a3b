"""Where money goes: to its demand's head what the demand still lacks, the rest to the party's credit; and back again.

Whatever the order of verifications and reversals, a demand ends with the lesser
of its amount and what stands verified for it; the excess is its credit on 2900.
Credit whose payment the bank takes back is taken from the demands that used it,
and what was returned meanwhile is demanded again.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.ledger.chart import HEAD_OF_KIND, RECOVERABLE, TREASURY, UNAPPLIED, Head
from immis.ledger.events import CreditApplied, ReceiptReversed, ReceiptVerified
from immis.ledger.facts import credit_of, subject_of
from immis.ledger.models import Demand, JournalLine, Receipt, RefundClaim
from immis.ledger.selectors import credit_by_demand, demand_facts, receipt_facts
from immis.ledger.services.demands import NewDemand, raise_demand
from immis.ledger.services.journal import Side, post_entry
from immis.ledger.services.rights import require_keeper
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.ledger.receipts import STATE_WORDS
from immis.rules.policy import book

#: An entry, and a line of the log: what was paid on a demand is owed no more.
RELEASED = "demand.released"


def post_receipt(
    receipt: Receipt, *, by: Actor, at: datetime, cash: Head = TREASURY, settled_at: datetime | None = None
) -> int:
    """Money in, verified; answers the paise that were applied to the demand (both rows are locked by the caller).

    ``cash`` is where the money came in; ``settled_at`` when it was verified, where that was before it is booked.
    """
    demand, paid = receipt.demand, receipt.paid_paise or 0
    lacking = 0 if demand.cancelled_at else demand.balance_paise
    applied = min(paid, lacking)
    sides = [Side(cash, debit_paise=paid, party=demand.party, subject=subject_of(demand))]
    sides += [_credit(demand, applied)] if applied else []
    sides += [_excess(demand, credit=paid - applied)] if paid > applied else []
    post_entry(ReceiptVerified.KIND, sides=sides, by=by, at=at, receipt=receipt, facts={"demand": demand.number})
    change_applied(demand, applied, by=by, at=settled_at or at)
    return applied


def post_reversal(receipt: Receipt, *, was: str, by: Actor, at: datetime) -> None:
    """The bank took a payment back: the reversing entry, the demand open again; a hold on it comes back by itself."""
    demand, paid = receipt.demand, receipt.paid_paise or 0
    back = Side(TREASURY, credit_paise=paid, party=demand.party, subject=subject_of(demand))
    if was == "refused":
        uncovered = paid if RefundClaim.objects.filter(receipt=receipt, state="approved").exists() else 0
        kept = Side(UNAPPLIED, debit_paise=paid - uncovered, party=demand.party, subject=subject_of(demand))
        sides = [kept] if paid > uncovered else []
    else:
        excess = min(paid, max(_credit_of(demand), 0))
        applied = min(paid - excess, demand.applied_paise)
        sides = [_credit(demand, -applied)] if applied else []
        sides += [_excess(demand, debit=excess)] if excess else []
        change_applied(demand, -applied, by=by, at=at)
        taken = _take_back_credit(demand, paid - excess - applied, by=by, at=at)
        sides += [_credit(other, -part) for other, part in taken]
        uncovered = paid - excess - applied - sum(part for _other, part in taken)
    if uncovered:  # returned meanwhile: the party owes it
        sides.append(Side(RECOVERABLE, debit_paise=uncovered, party=demand.party, subject=subject_of(demand)))
        _demand_again(receipt, uncovered, by=by, at=at)
    sides.append(back)
    post_entry(ReceiptReversed.KIND, sides=sides, by=by, at=at, receipt=receipt, facts={"demand": demand.number})
    facts = {**receipt_facts(receipt), "paid_paise": paid, "uncovered_paise": uncovered, "was": was}
    payload = ReceiptReversed.of(facts)
    log_action(payload.KIND, subject=subject_of(demand), by=by, at=at, facts=facts)
    emit(payload, subject=subject_of(demand), at=at, key=f"{payload.KIND}:{receipt.number}")


def _take_back_credit(demand: Demand, paise: int, *, by: Actor, at: datetime) -> list[tuple[Demand, int]]:
    """Lower the demands of the same subject that credit on account has paid, the newest first, by so much in all."""
    if paise <= 0:
        return []
    rows = Demand.objects.select_for_update(of=("self",)).select_related("party").exclude(pk=demand.pk)
    subject, taken = subject_of(demand), []
    same = rows.filter(subject_kind=subject[0], subject_id=subject[1], party=demand.party_id).order_by("id")
    for other in reversed(list(same)):
        part = min(paise, other.applied_paise, _paid_by_credit(other))
        if part > 0:
            change_applied(other, -part, by=by, at=at)
            taken.append((other, part))
            paise -= part
    return taken


def _paid_by_credit(demand: Demand) -> int:
    """What of a demand credit on account has paid and no reversal of another demand's payment has taken back."""
    own = JournalLine.objects.filter(demand=demand).exclude(account_id=UNAPPLIED.code)
    used = own.filter(entry__kind=CreditApplied.KIND).aggregate(total=Sum("credit_paise"))["total"] or 0
    back = own.filter(entry__kind=ReceiptReversed.KIND).exclude(entry__receipt__demand=demand)
    return int(used - (back.aggregate(total=Sum("debit_paise"))["total"] or 0))


def _demand_again(receipt: Receipt, paise: int, *, by: Actor, at: datetime) -> None:
    """Demand a sum that was returned to the party before the bank took its payment back (PAY-24)."""
    demand, value = receipt.demand, book().at("PAY-24", at)
    raise_demand(
        demand=NewDemand(
            party=demand.party,
            subject=subject_of(demand),
            kind="recovery",
            label={lang: book().say("PAY-24", {"receipt": receipt.number}, lang) for lang in ("en", "hi")},
            amount_paise=paise,
            due_on=india_day(at),
            cites=[{"code": "PAY-24", "from_on": value.from_on, "cites": value.cites}],
            district=demand.district,
            key=f"recovery:{receipt.number}",
        ),
        by=by,
        at=at,
    )


def change_applied(demand: Demand, paise: int, *, by: Actor, at: datetime) -> None:
    """Raise or lower what is paid of a demand; full means settled, less than full means open again."""
    if not paise:
        return
    demand.applied_paise += paise
    full = demand.applied_paise == demand.amount_paise
    if full:
        demand.settled_at, demand.settled_by = at, by.user_id
    elif demand.settled_at:
        demand.settled_at, demand.settled_by, demand.reopened_at = None, None, at
    demand.save(update_fields=["applied_paise", "settled_at", "settled_by", "reopened_at"])


@transaction.atomic
def apply_credit(*, demand: Demand, by: Actor, at: datetime) -> int:
    """Use the party's credit on the same settlement or lot for a demand; answers the paise used.

    Only excess payments are such credit; refused money goes back to its payer. Raises Refusal (PAY-08) where there
    is no credit or nothing to pay.
    """
    require_grant(by, "credit.use", district=demand.district)
    subject = subject_of(demand)
    rows = Demand.objects.select_for_update(of=("self",)).select_related("party")
    same = list(rows.filter(subject_kind=subject[0], subject_id=subject[1], party=demand.party_id).order_by("id"))
    demand = next(row for row in same if row.pk == demand.pk)
    facts = credit_of(demand, by, at)
    if findings := find("credit.use", facts, policy=book(), at=at):
        raise Refusal(findings)
    return _use_credit(demand, of=same, most_paise=facts.credit_paise, by=by, at=at)


def _use_credit(demand: Demand, *, of: Sequence[Demand], most_paise: int, by: Actor, at: datetime) -> int:
    """Pay a demand by the credit that stands under some demands; answers the paise used (all rows are locked)."""
    credits, lacking = credit_by_demand(of), min(demand.balance_paise, most_paise)
    used, sides = 0, []
    for source in of:
        part = min(credits.get(source.pk, 0), lacking - used)
        if part > 0:
            sides.append(_excess(source, debit=part))
            used += part
    if not used:
        return 0
    post_entry(CreditApplied.KIND, sides=[*sides, _credit(demand, used)], by=by, at=at, facts={"demand": demand.number})
    change_applied(demand, used, by=by, at=at)
    kept = {**demand_facts(demand), "used_paise": used, "officer": by.name}
    log_action(CreditApplied.KIND, subject=subject_of(demand), by=by, at=at, facts=kept)
    emit(CreditApplied.of(kept), subject=subject_of(demand), at=at)
    return used


@transaction.atomic
def release_demand(*, demand: Demand, reason: str, instead: NewDemand | None, by: Actor, at: datetime) -> int:
    """Withdraw a demand that is not owed as it stands; answers what was paid on it, which is not lost.

    It pays what is owed ``instead`` (nothing: None); the rest is the party's credit on account (PAY-08, PAY-20). Raises
    Refusal (PAY-04) for one that is withdrawn already, NotPermitted for another district.
    """
    require_keeper(by, demand.district)
    demand = Demand.objects.select_for_update(of=("self",)).select_related("party").get(pk=demand.pk)
    if demand.cancelled_at:
        raise Refusal(Finding("PAY-04", {"demand": demand.number, "state": STATE_WORDS["cancelled"]}))
    released = demand.applied_paise
    if released:
        facts = {"demand": demand.number}
        post_entry(
            RELEASED, sides=[_credit(demand, -released), _excess(demand, credit=released)], by=by, at=at, facts=facts
        )
        change_applied(demand, -released, by=by, at=at)
    demand.cancelled_at, demand.cancel_reason = at, reason[:300]
    demand.save(update_fields=["cancelled_at", "cancel_reason"])
    kept = {"demand": demand.number, "reason": reason, "released_paise": released}
    log_action(RELEASED, subject=subject_of(demand), by=by, at=at, facts=kept)
    if instead is not None:
        owed = raise_demand(demand=instead, by=by, at=at)
        _use_credit(owed, of=[demand], most_paise=released, by=by, at=at)
    return released


def _credit(demand: Demand, paise: int) -> Side:
    """The demand's own head: credited when paid, debited when taken back."""
    sums = {"credit_paise": paise} if paise > 0 else {"debit_paise": -paise}
    return Side(HEAD_OF_KIND[demand.kind], party=demand.party, subject=subject_of(demand), demand=demand, **sums)


def _excess(demand: Demand, *, credit: int = 0, debit: int = 0) -> Side:
    """Excess of one demand on 2900, where it is credit for the next one."""
    sums = {"credit_paise": credit, "debit_paise": debit}
    return Side(UNAPPLIED, party=demand.party, subject=subject_of(demand), demand=demand, **sums)


def _credit_of(demand: Demand) -> int:
    sums = JournalLine.objects.filter(demand=demand, account_id=UNAPPLIED.code)
    held = sums.aggregate(credit=Sum("credit_paise"), debit=Sum("debit_paise"))
    return (held["credit"] or 0) - (held["debit"] or 0)
