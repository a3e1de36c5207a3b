"""Notices to the settlee and what follows them: reply, payment, certificate case (clauses 31 ii; 42 xvii, xviii)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import next_number
from immis.leases import facts
from immis.leases.events.life import CertificateOpened, NoticeClosed, NoticeIssued, NoticeReplied, SurrenderAsked
from immis.leases.life import amount_open, open_demands_of, surrender_dues
from immis.leases.models import Lease, LeaseAct, LeaseNotice
from immis.leases.services.common import check, locked, tell
from immis.leases.services.orders import NewAct, note_act
from immis.ledger.entries import CASES
from immis.ledger.selectors import Demand
from immis.registers.services import About, enter
from immis.registry.selectors import office_for
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding
from immis.rules.districts import letters_of
from immis.rules.leases import life as rules
from immis.rules.money import PAISE
from immis.rules.policy import book


def notice_demands(lease: Lease, kind: str, at: datetime) -> list[Demand]:
    """The open demands that a notice of this kind is about."""
    if kind == "surrender_dues":
        return surrender_dues(lease, at)
    return open_demands_of(lease, until=india_day(at)) if kind == "non_payment" else []


@transaction.atomic
def issue_notice(
    *, lease: Lease, kind: str, grounds: str, by: Actor, at: datetime, other_paise: int = 0
) -> LeaseNotice:
    """The Collector asks the settlee to show cause or to pay, with a last day (E-112, E-144, E-145).

    ``other_paise`` are dues that no demand holds (GST, income tax, stamp duty, registration fee). While a notice of
    the kind is open that one stands. Raises Refusal (LSE-24) when there is nothing to pay.
    """
    lease = locked(lease, "lease.issue_notice", by=by)
    if known := LeaseNotice.objects.filter(lease=lease, kind=kind, closed_at__isnull=True).first():
        return known
    demands = notice_demands(lease, kind, at)
    amount = amount_open(demands) + other_paise
    if kind != "show_cause" and not amount:
        raise Refusal(Finding("LSE-24", {"due_on": None, "open_paise": 0}))
    issued_on, letters = india_day(at), letters_of(lease.block.district)
    series = f"notice-{letters}-{issued_on.year}"
    notice = LeaseNotice.objects.create(
        lease=lease,
        number=f"N-{letters}-{issued_on.year}-{next_number(series):03d}",
        kind=kind,
        grounds=grounds,
        demands=[demand.number for demand in demands],
        amount_paise=amount,
        other_paise=other_paise,
        issued_at=at,
        issued_by=by.user_id,
        due_on=rules.notice_due_on(kind, issued_on, policy=book(), on=at),
    )
    tell(NoticeIssued, lease, by=by, at=at, facts=_told(notice))
    return notice


def _told(notice: LeaseNotice) -> dict[str, object]:
    return {
        "notice": notice.number,
        "notice_kind": notice.kind,
        "what": dict(rules.NOTICES[notice.kind]),
        "grounds": notice.grounds,
        "amount_paise": notice.amount_paise,
        "due_on": notice.due_on,
    }


@transaction.atomic
def reply_to_notice(*, notice: LeaseNotice, reply: str, by: Actor, at: datetime) -> LeaseNotice:
    """The settlee's written reply, once; it goes to the Collector's desk. Raises NotPermitted for anybody else."""
    require_grant(by, "lease.reply_to_notice")
    notice = LeaseNotice.objects.select_for_update(of=("self",)).select_related("lease").get(pk=notice.pk)
    if notice.lease.party_id != by.party_id or notice.closed_at or notice.replied_at:
        raise NotPermitted(f"notice {notice.number} takes no reply of this reader")
    notice.reply, notice.replied_at, notice.replied_by = reply, at, by.user_id
    notice.save(update_fields=["reply", "replied_at", "replied_by"])
    tell(NoticeReplied, notice.lease, by=by, at=at, facts=_told(notice))
    return notice


@transaction.atomic
def close_notice(*, notice: LeaseNotice, outcome: str, reason: str, by: Actor, at: datetime) -> LeaseNotice:
    """The Collector closes a notice: ``accepted`` (the reply suffices) or ``paid``; closing again changes nothing."""
    locked(notice.lease, "lease.close_notice", by=by)
    notice = LeaseNotice.objects.select_for_update(of=("self",)).select_related("lease").get(pk=notice.pk)
    if notice.closed_at is None:
        _close(notice, outcome, reason=reason, by=by, at=at)
        tell(NoticeClosed, notice.lease, by=by, at=at, facts={**_told(notice), "outcome": outcome})
    return notice


def _close(notice: LeaseNotice, outcome: str, *, reason: str, by: Actor, at: datetime) -> None:
    notice.closed_at, notice.closed_by, notice.outcome, notice.outcome_reason = at, by.user_id, outcome, reason
    notice.save(update_fields=["closed_at", "closed_by", "outcome", "outcome_reason"])


def close_all(lease: Lease, outcome: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Close what notices are open, because their matter was acted on."""
    for notice in LeaseNotice.objects.select_for_update().filter(lease=lease, closed_at__isnull=True):
        _close(notice, outcome, reason=reason, by=by, at=at)


@transaction.atomic
def open_certificate_case(*, lease: Lease, number: str, by: Actor, at: datetime, on: date | None = None) -> LeaseAct:
    """Record the certificate case for dues that a notice did not bring in (clause 31 ii; PDR Act 1914, E-112).

    It stands in the register of certificate cases too. Raises Refusal (LSE-23) before the notice's days are over or
    when nothing is open, NotFound where no notice of dues is open.
    """
    lease = locked(lease, "lease.open_certificate_case", by=by)
    filed_on, notice = on or india_day(at), facts.dues_notice(lease)
    unpaid = facts.certificate_of(lease, by, at, filed_on=filed_on)
    check("lease.certificate", unpaid, lease=lease, at=at)
    if notice is None:
        raise NotFound(f"an open notice of dues of settlement {lease.number}")
    _close(notice, "acted", reason=number, by=by, at=at)
    _register(lease, number, notice.demands, on=filed_on, amount_paise=unpaid.open_paise, by=by, at=at)
    body = {"notice": notice.number, "amount_paise": unpaid.open_paise, "demands": notice.demands}
    act = note_act(lease, NewAct("certificate", on=filed_on, reference=number, facts=body), by=by, at=at)
    tell(CertificateOpened, lease, by=by, at=at, facts={**body, "reference": number})
    return act


def _register(
    lease: Lease, number: str, demands: Sequence[str], *, on: date, amount_paise: int, by: Actor, at: datetime
) -> None:
    """Enter the case in the register of certificate cases, where it bars its party from tenders until it is closed."""
    office = office_for(district=lease.district, role="collector")
    values = {
        "pan": lease.party.pan, "name": lease.party.name_hi[:160], "case_number": number[:80],
        "office": office.name_hi if office else lease.district, "amount": Decimal(max(0, amount_paise)) / PAISE,
        "filed_on": on,
    }  # fmt: skip
    beside = {"lease": lease.number, "demands": [{"demand": each} for each in demands]}
    about = About(lease.district, lease.party_id, beside)
    enter(CASES, "enter", values, by=by, at=at, about=about)


@transaction.atomic
def ask_surrender(*, lease: Lease, reason: str, by: Actor, at: datetime) -> LeaseAct:
    """The settlee asks to give the settlement up; the Collector's desk learns the dues of the year (E-111)."""
    require_grant(by, "lease.ask_surrender")
    lease = Lease.objects.select_for_update(of=("self",)).select_related("party", "block").get(pk=lease.pk)
    if lease.party_id != by.party_id or lease.cancelled_at:
        raise NotPermitted(f"settlement {lease.number} is not this reader's to give up")
    key = f"surrender_asked:{lease.number}"
    if known := LeaseAct.objects.filter(key=key).first():
        return known
    body = {"open_paise": amount_open(surrender_dues(lease, at))}
    act = note_act(lease, NewAct("surrender_asked", on=india_day(at), reason=reason, facts=body, key=key), by=by, at=at)
    tell(SurrenderAsked, lease, by=by, at=at, facts={"reason": reason, "amount_paise": body["open_paise"]})
    return act
