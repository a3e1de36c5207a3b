"""Paying a demand through the treasury, and what the treasury's notices do to a receipt."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction

from immis.adapters.treasury.port import Remittance, Standing, TreasuryUnreachable
from immis.core.access.outside import asking_outside, hand_on
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.events import facts_of
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.services import emit, log_action, next_number
from immis.ledger.events import NoticeForged, NoticeUnknown, ReceiptPaid
from immis.ledger.facts import payment_of
from immis.ledger.models import Demand, Receipt, TreasuryNotice
from immis.ledger.selectors import own_accounts, receipt_facts
from immis.ledger.services.allocation import post_reversal
from immis.ledger.treasury import treasury
from immis.registry.pans import require_pan
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.ledger import receipts as rules
from immis.rules.policy import book

_FIRST_POLL = timedelta(seconds=20)
_LONGEST_POLL = timedelta(hours=6)
_MOST_POLLS = 60


@dataclass(frozen=True)
class PaymentStart:
    """Where the payer goes now: the treasury's page for this receipt."""

    receipt: Receipt
    pay_url: str


def begin_payment(*, demand: Demand, by: Actor, at: datetime, return_url: str) -> PaymentStart:
    """Open a receipt at the treasury for what is left of the demand; an open one is taken up again: nothing twice.

    Raises Refusal: PAY-04 when the demand takes no payment, PAY-05 when the treasury does not answer, REG-12
    when another party is proved to own the payer's PAN.
    """
    require_grant(by, "receipt.pay")
    if not by.is_system and by.party_id != demand.party_id:
        raise NotPermitted(f"demand {demand.number} is not of this party")
    require_pan(demand.party)
    hand_on()
    receipt = _open_receipt(demand, by=by, at=at)
    if receipt.grn is None:
        receipt = _register(receipt, return_url=return_url, at=at)
    return PaymentStart(receipt, receipt.pay_url)


@transaction.atomic
def _open_receipt(demand: Demand, *, by: Actor, at: datetime) -> Receipt:
    demand = Demand.objects.select_for_update().get(pk=demand.pk)
    if findings := find("payment.begin", payment_of(demand, by, at), policy=book(), at=at):
        raise Refusal(findings)
    if receipt := demand.receipts.filter(state="created").first():
        return receipt
    year = india_day(at).year
    receipt = Receipt.objects.create(
        number=f"R{year % 100:02d}-{next_number(f'receipt-{year}'):06d}",
        demand=demand,
        amount_paise=demand.balance_paise,
        created_at=at,
        created_by=by.user_id,
    )
    subject = (demand.subject_kind, demand.subject_id)
    log_action("payment.begun", subject=subject, by=by, at=at, facts={"receipt": receipt.number})
    return receipt


def _register(receipt: Receipt, *, return_url: str, at: datetime) -> Receipt:
    """Ask the treasury for a GRN, outside any lock; the receipt's number makes a repeat answer the same GRN."""
    demand = receipt.demand
    remittance = Remittance(
        reference=receipt.number,
        amount_paise=receipt.amount_paise,
        purpose_en=f"{demand.label['en']} ({demand.subject_id})",
        purpose_hi=f"{demand.label['hi']} ({demand.subject_id})",
        payer_name=demand.party.name_en,
        payer_account=demand.party.bank_account,
        return_url=return_url,
    )
    try:
        with asking_outside():
            opened = treasury().create(remittance)
    except TreasuryUnreachable as error:
        raise Refusal(Finding("PAY-05", {"receipt": receipt.number})) from error
    with transaction.atomic():
        receipt = Receipt.objects.select_for_update().get(pk=receipt.pk)
        receipt.grn, receipt.pay_url = opened.grn, opened.pay_url
        receipt.next_poll_at = at + _FIRST_POLL
        receipt.save(update_fields=["grn", "pay_url", "next_poll_at"])
    return receipt


@transaction.atomic
def note_payment(*, standing: Standing, source: str, at: datetime) -> Receipt | None:
    """Take in what the treasury says of a GRN (``source`` webhook, poll or check); order and repeats do not matter.

    Answers the receipt, or None for a GRN that is not ours; either way the notice is kept.
    """
    receipt = _receipt_for(standing)
    target = rules.moved(receipt.state, standing.status) if receipt else None
    if receipt and target:
        _move(receipt, target, standing, at=at)
    outcome = "unknown_grn" if receipt is None else "applied" if target else _idle(receipt, standing)
    _keep(standing, source=source, outcome=outcome, at=at)
    if receipt is None:
        _tell_unknown(standing, at=at)
    return receipt


def _tell_unknown(standing: Standing, *, at: datetime) -> None:
    """Money under a GRN that is none of ours lands with headquarters, once a GRN."""
    if standing.status == "paid":
        payload = NoticeUnknown(
            grn=standing.grn,
            amount_paise=standing.amount_paise,
            status=standing.status,
            payer_account=standing.payer_account,
        )
        key = f"treasury.unknown:{standing.grn}"[:120]
        emit(payload, subject=("treasury", standing.grn), at=at, key=key)


def _receipt_for(standing: Standing) -> Receipt | None:
    """By GRN; a notice that outruns the answer to ``create`` is known by our own receipt number.

    The demand is locked before the receipt, as everywhere.
    """
    known = Receipt.objects.filter(grn=standing.grn).first()
    known = known or Receipt.objects.filter(number=standing.reference, grn__isnull=True).first()
    if known is None:
        return None
    demand = Demand.objects.select_for_update(of=("self",)).select_related("party").get(pk=known.demand_id)
    receipt = Receipt.objects.select_for_update().get(pk=known.pk)
    receipt.demand = demand
    if receipt.grn is None:
        receipt.grn = standing.grn
        receipt.save(update_fields=["grn"])
    return receipt if receipt.grn == standing.grn else None


def _move(receipt: Receipt, target: str, standing: Standing, *, at: datetime) -> None:
    was, receipt.state, receipt.next_poll_at = receipt.state, target, None
    if target == "paid_unverified":
        receipt.paid_at, receipt.paid_paise = at, standing.amount_paise
        receipt.payer_account, receipt.bank_ref = standing.payer_account, standing.bank_ref
        receipt.flags = _flags(receipt)
    elif target == "reversed":
        receipt.reversed_at = at
        receipt.flags = [*receipt.flags, "refused"] if was == "refused" else receipt.flags
    receipt.save()
    if target == "paid_unverified":
        subject = (receipt.demand.subject_kind, receipt.demand.subject_id)
        payload = ReceiptPaid.of(receipt_facts(receipt))
        emit(payload, subject=subject, at=at, key=f"{payload.KIND}:{receipt.number}")
    if target == "reversed" and was in rules.POSTED:
        post_reversal(receipt, was=was, by=SYSTEM, at=at)


def _flags(receipt: Receipt) -> list[str]:
    """What the officer must look at before verifying: a foreign account, another amount."""
    own = any(rules.same_account(receipt.payer_account, account) for account in own_accounts(receipt.demand.party))
    flags = [] if own else ["wrong_account"]
    return flags if receipt.paid_paise == receipt.amount_paise else [*flags, "amount_differs"]


def _idle(receipt: Receipt, standing: Standing) -> str:
    """Why a notice moved nothing: it said nothing new, or it says less than we know."""
    late = standing.status == "failed" and rules.RANK[receipt.state] > rules.RANK["failed"]
    return "contradicts" if late else "no_change"


def _keep(standing: Standing, *, source: str, outcome: str, at: datetime) -> None:
    """Keep a notice once; repeats of the same words add nothing."""
    facts = plain(asdict(standing))
    known = TreasuryNotice.objects.filter(grn=standing.grn, status=standing.status, outcome=outcome)
    if outcome == "applied" or not known.filter(facts=facts).exists():
        TreasuryNotice.objects.create(
            grn=standing.grn, status=standing.status, source=source, facts=facts, outcome=outcome, at=at
        )


def schedule_poll(receipt: Receipt, *, at: datetime) -> None:
    """Ask about an unpaid receipt again after twice the time, at most some hours; after many answers no more."""
    polls = receipt.polls + 1
    wait = min(_FIRST_POLL * 2 ** min(polls, 20), _LONGEST_POLL)
    again = at + wait if polls < _MOST_POLLS else None
    Receipt.objects.filter(pk=receipt.pk, state__in=["created", "failed"]).update(polls=polls, next_poll_at=again)


def note_forged_notice(*, source: str, at: datetime, by: Actor) -> bool:
    """Log a notice without the treasury's signature, once a minute and address so that a flood cannot fill the log."""
    payload = NoticeForged(source=source, code="PAY-07")
    key = f"treasury.forged:{source}:{at:%Y%m%d%H%M}"
    with transaction.atomic():
        new = emit(payload, subject=("treasury", "notify"), at=at, key=key)
        if new:
            log_action(payload.KIND, subject=("treasury", "notify"), by=by, at=at, facts=facts_of(payload))
    return new
