"""Held money that is ordered back to its party and paid by the treasury."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from immis.adapters.treasury.payouts import Payout, PayoutStanding
from immis.adapters.treasury.port import TreasuryRefused, TreasuryUnreachable
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.services import Subject, emit, log_action, next_number
from immis.ledger.chart import REFUNDS, TREASURY, Head
from immis.ledger.events import (
    RedirectAsked,
    Redirected,
    RedirectNews,
    RefundFailed,
    RefundNews,
    RefundOrdered,
    RefundPaid,
)
from immis.ledger.facts import failed_return_of
from immis.ledger.models import RefundOrder
from immis.ledger.selectors import held_paise, proved_accounts
from immis.ledger.services.deposits import named
from immis.ledger.services.journal import Side, post_entry
from immis.ledger.services.rights import require_keeper
from immis.ledger.treasury import payouts
from immis.registry.selectors import Party, locked_party
from immis.rules.calendar import india_day
from immis.rules.catalogue import find
from immis.rules.ledger.refunds import RedirectFacts
from immis.rules.policy import book

_FIRST_TRY = timedelta(seconds=20)


_LONGEST = timedelta(hours=6)


NO_ACCOUNT = "PAY-23"


def failure_words(failure: str) -> str | dict[str, str]:
    """Why an order does not go on: the bank's own words, or ours in both languages."""
    return {lang: book().say(failure, {}, lang) for lang in ("en", "hi")} if failure == NO_ACCOUNT else failure


@dataclass(frozen=True, kw_only=True)
class NewRefund:
    """Money to be ordered back to its party: what a head holds for it on a subject, to which account, and why.

    ``sides`` are the debits of a part of what is held, demand by demand; the same ``key`` is never ordered twice.
    """

    party: Party
    source: tuple[Head, Subject]
    account: str
    label: Mapping[str, str]
    key: str
    due_on: date | None = None
    cites: Sequence[Mapping[str, Any]] = ()
    district: str = ""
    sides: Sequence[Side] = ()

    def debits(self) -> Sequence[Side]:
        """What is taken from the head; nothing where nothing is held."""
        head, subject = self.source
        held = 0 if self.sides else held_paise(head, party_id=self.party.pk, subject=subject)
        return self.sides or ([Side(head, debit_paise=held, party=self.party, subject=subject)] if held > 0 else ())


@transaction.atomic
def order_refund(*, refund: NewRefund, by: Actor, at: datetime) -> RefundOrder | None:
    """Order back to the party all that a head holds for it on a subject; None where nothing is held.

    The same key a second time answers the first order. The worker sends it to the treasury; without an account it
    waits as a task of the district until one is given (PAY-23). Raises NotPermitted for another district.
    """
    require_keeper(by, refund.district)
    locked_party(refund.party.pk)
    if known := RefundOrder.objects.filter(key=refund.key).first():
        return known
    debits = refund.debits()
    amount = sum(side.debit_paise for side in debits)
    if amount <= 0:
        return None
    order = _keep_order(refund, amount, by=by, at=at)
    _post(order, RefundOrdered.KIND, debits=debits, credit=REFUNDS, by=by, at=at)
    _tell(order, RefundOrdered, by=by, at=at)
    if not order.account:
        _tell(order, RefundFailed, by=by, at=at)
    return order


def _keep_order(refund: NewRefund, amount_paise: int, *, by: Actor, at: datetime) -> RefundOrder:
    head, subject = refund.source
    return RefundOrder.objects.create(
        number=_next_refund_number(at),
        party=refund.party,
        subject_kind=subject[0],
        subject_id=subject[1],
        district=refund.district,
        head=head.code,
        label=dict(refund.label),
        amount_paise=amount_paise,
        account=refund.account,
        cites=[plain(cite) for cite in refund.cites],
        key=refund.key,
        due_on=refund.due_on,
        ordered_at=at,
        ordered_by=by.user_id,
        **_sent_or_waiting(refund.account, at),
    )


def _next_refund_number(at: datetime) -> str:
    year = india_day(at).year
    return f"W{year % 100:02d}-{next_number(f'refund-{year}'):06d}"


def _sent_or_waiting(account: str, at: datetime) -> dict[str, Any]:
    """A refund goes out at once; without an account it waits until one is given (PAY-23)."""
    return {"state": "ordered", "next_try_at": at} if account else {"state": "failed", "failure": NO_ACCOUNT}


def _post(order: RefundOrder, kind: str, *, debits: Sequence[Side], credit: Head, by: Actor, at: datetime) -> None:
    subject = (order.subject_kind, order.subject_id)
    credited = Side(credit, credit_paise=order.amount_paise, party=order.party, subject=subject)
    post_entry(kind, sides=[*debits, credited], by=by, at=at, facts={"refund": order.number})


def _tell(order: RefundOrder, kind: type[RefundNews], *, by: Actor, at: datetime) -> None:
    facts = {
        **named(order.party),
        "refund": order.number,
        "label": order.label,
        "amount_paise": order.amount_paise,
        "district": order.district,
        "bank_ref": order.bank_ref,
        "failure": failure_words(order.failure),
        "attempts": order.attempts,
    }
    subject = (order.subject_kind, order.subject_id)
    log_action(kind.KIND, subject=subject, by=by, at=at, facts=facts)
    key = f"{kind.KIND}:{order.number}:{order.attempts}"
    emit(kind.of(facts), subject=("refund", order.number), at=at, key=key)


def carry_out_refund(order: RefundOrder, *, at: datetime) -> str:
    """Send an order to the treasury, or ask what became of it; answers its state. Called by the worker.

    The treasury is asked outside any lock; order number and attempt make a repeat harmless.
    """
    try:
        standing = _ask(order)
    except TreasuryRefused as refused:
        if order.state != "sent":
            return _note(
                order, PayoutStanding(order.number, "failed", order.amount_paise, reason=str(refused)), at=at
            ).state
        _again(order, at=at)
        return order.state
    except TreasuryUnreachable:
        _again(order, at=at)
        return order.state
    return _note(order, standing, at=at).state


def _ask(order: RefundOrder) -> PayoutStanding:
    if order.state == "sent":
        return payouts().payout_status(order.number)
    payout = Payout(
        reference=order.number,
        amount_paise=order.amount_paise,
        account=order.account,
        payee_name=order.party.name_en,
        purpose_en=order.label["en"],
        purpose_hi=order.label["hi"],
    )
    return payouts().pay_out(payout, attempt=order.attempts + 1)


def _again(order: RefundOrder, *, at: datetime) -> None:
    waited = at - (order.sent_at or order.ordered_at)
    RefundOrder.objects.filter(pk=order.pk, next_try_at__isnull=False).update(
        next_try_at=at + min(max(waited, _FIRST_TRY), _LONGEST)
    )


@transaction.atomic
def _note(order: RefundOrder, standing: PayoutStanding, *, at: datetime) -> RefundOrder:
    """Take in the treasury's answer; one that speaks of another sum is left for the office as a failure."""
    order = RefundOrder.objects.select_for_update(of=("self",)).select_related("party").get(pk=order.pk)
    if order.state == "paid":
        return order
    if order.state != "sent":
        order.attempts += 1
        order.sent_at = at
    status = standing.status if standing.amount_paise == order.amount_paise else "failed"
    if status == "accepted":
        order.state, order.next_try_at = "sent", at + _FIRST_TRY
    elif status == "failed":
        order.state, order.next_try_at = "failed", None
        order.failure = standing.reason or f"the treasury speaks of {standing.amount_paise} paise"
    else:
        order.state, order.paid_at, order.bank_ref = "paid", at, standing.bank_ref
        order.next_try_at, order.failure = None, ""
        subject = (order.subject_kind, order.subject_id)
        debit = Side(REFUNDS, debit_paise=order.amount_paise, party=order.party, subject=subject)
        _post(order, RefundPaid.KIND, debits=[debit], credit=TREASURY, by=SYSTEM, at=at)
    order.save()
    if order.state in ("failed", "paid"):
        _tell(order, RefundPaid if order.state == "paid" else RefundFailed, by=SYSTEM, at=at)
    return order


@transaction.atomic
def resend_refund(*, order: RefundOrder, account: str, reason: str, by: Actor, at: datetime) -> RefundOrder:
    """Send a failed order again, with the reason in the log.

    To an account that is proved to be the party's it goes at once. Any other account is a proposal first, which the
    party is told, and goes when an officer of another post says the same. Raises Refusal (PAY-51, PAY-52),
    NotPermitted for another district.
    """
    order = RefundOrder.objects.select_for_update(of=("self",)).select_related("party").get(pk=order.pk)
    require_grant(by, "refund.resend", district=order.district)
    if findings := find("refund.came_back", failed_return_of(order, by, at), policy=book(), at=at):
        raise Refusal(findings)
    facts = _redirect_facts(order, account.strip(), reason, by)
    if findings := find("refund.resend", facts, policy=book(), at=at):
        raise Refusal(findings)
    goes = facts.own or facts.confirms
    body = {"refund": order.number, "from": order.account, "to": facts.account, "reason": reason}
    if goes:
        order.account, order.next_try_at = facts.account, at
        order.proposed_account, order.proposed_by, order.proposed_role = "", None, ""
    else:
        order.proposed_account, order.proposed_by, order.proposed_role = facts.account, by.user_id, by.role
    order.save(update_fields=["account", "next_try_at", "proposed_account", "proposed_by", "proposed_role"])
    log_action(
        "refund.resent" if goes else RedirectAsked.KIND,
        subject=(order.subject_kind, order.subject_id),
        by=by,
        at=at,
        facts=body,
    )
    if not facts.own:
        _tell_redirect(order, Redirected if goes else RedirectAsked, facts.account, by=by, at=at)
    return order


def _redirect_facts(order: RefundOrder, account: str, reason: str, by: Actor) -> RedirectFacts:
    return RedirectFacts(
        refund=order.number,
        account=account,
        proved=proved_accounts(order.party),
        reason=reason,
        role=by.role,
        proposed=order.proposed_account,
        proposed_role=order.proposed_role,
        again_by_same=order.proposed_by is not None and order.proposed_by == by.user_id,
    )


def _tell_redirect(order: RefundOrder, kind: type[RedirectNews], account: str, *, by: Actor, at: datetime) -> None:
    payload = kind(
        **named(order.party),
        refund=order.number,
        amount_paise=order.amount_paise,
        district=order.district,
        account=account[-4:],
        role=by.role,
    )
    emit(payload, subject=("refund", order.number), at=at)
