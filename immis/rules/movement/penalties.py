"""Penalties: the table by offence and vehicle, and when an order may be made.

The figures come from the press until the AD (HQ) hands over the table from the
rules (A-15); every value says so by its status.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from immis.rules.calendar import end_of, india_day
from immis.rules.catalogue import Finding, rule
from immis.rules.deadlines import Limit, due_day
from immis.rules.holidays import calendars
from immis.rules.money import PAISE
from immis.rules.movement.offences import offence as offence_named
from immis.rules.policy import NotInForce, PolicyBook, PolicyValue

#: The calendar of the offices, in ``policy/holidays.yaml``.
_OFFICES = "bihar"
_A_YEAR = timedelta(days=366)


def penalty_value(offence: str, *, vehicle: str, policy: PolicyBook, at: datetime) -> PolicyValue | None:
    """The figure of the penalty table (whole rupees) for an offence on a day; None where no table gives one."""
    code = offence_named(offence).table
    if not code:
        return None
    try:
        return policy.at(code, at, vehicle=vehicle)
    except NotInForce:
        return None


def penalty_paise(offence: str, *, vehicle: str, policy: PolicyBook, at: datetime) -> int:
    """The penalty that the table proposes, in paise; 0 where no table gives one."""
    value = penalty_value(offence, vehicle=vehicle, policy=policy, at=at)
    return 0 if value is None else int(value.value) * PAISE


@dataclass(frozen=True)
class OrderFacts:
    """A case at the moment an officer orders a penalty."""

    case: str
    noticed_at: datetime | None
    replied: bool
    amount_paise: int
    table_paise: int
    reason: str = ""
    liable_party: str = ""
    table_unverified: bool = False
    due_at: datetime | None = None


def is_unverified(offence: str, *, vehicle: str, policy: PolicyBook, at: datetime) -> bool:
    """Whether the figure of the table comes from no law that we have seen, as from a newspaper."""
    value = penalty_value(offence, vehicle=vehicle, policy=policy, at=at)
    return value is not None and value.status == "unverified"


def reply_due(noticed_at: datetime, *, policy: PolicyBook) -> datetime:
    """When the time to answer a notice is over: after its last day, which is none on which the offices are shut."""
    first, calendar = india_day(noticed_at), calendars()[_OFFICES]
    holidays = calendar.holidays(first, first + _A_YEAR)
    limit = Limit(int(policy.value("CAS-02", noticed_at)), "calendar_day")
    due_on = due_day(first, limit, holidays=holidays, weekly=calendar.weekly).due_on
    assert due_on is not None  # it never rests
    return end_of(due_on)


@rule("CAS-01", on="case.order")
def notice_not_sent(facts: OrderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A penalty follows a notice.

    Clause: review of 13.01.2026, point vi: the penalty is imposed under the rules. Our reading: nobody is
    fined unheard, so the notice goes out first. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-01", at)
    return None if facts.noticed_at else Finding("CAS-01", {"case": facts.case})


@rule("CAS-02", on="case.order")
def reply_awaited(facts: OrderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The order waits for the reply, or for the end of the time to reply.

    Clause: review of 13.01.2026, point vi; the time is not given there. Our reading: seven days from the
    notice, the last of them whole and no day on which the offices are shut. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-02", at)
    if facts.noticed_at is None or facts.replied:
        return None
    due_at = facts.due_at or reply_due(facts.noticed_at, policy=policy)
    due_on = india_day(due_at - timedelta(microseconds=1))
    return Finding("CAS-02", {"case": facts.case, "due_on": due_on, "due_at": due_at}) if at < due_at else None


@rule("CAS-03", on="case.order_amount")
def amount_off_the_table(facts: OrderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An amount that the table does not give needs a reason in the order.

    Clause: review of 13.01.2026, point vi: the AD (HQ) makes the table known. Our reading: until the figures are
    confirmed the officer may differ, in writing. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-03", at)
    if facts.amount_paise == facts.table_paise or facts.reason.strip():
        return None
    return Finding("CAS-03", {"amount_paise": facts.amount_paise, "table_paise": facts.table_paise})


@rule("CAS-24", on="case.order_amount")
def figure_unverified(facts: OrderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An order by a figure that no law we have seen gives needs a ground, typed by the officer.

    Clause: review of 13.01.2026, point vi: the AD (HQ) makes the table known; until then its figures come from the
    press. Our reading: the officer names what the order rests on. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-24", at)
    rests = facts.table_unverified and facts.amount_paise == facts.table_paise
    return Finding("CAS-24", {"table_paise": facts.table_paise}) if rests and not facts.reason.strip() else None


@rule("CAS-04", on="case.order")
def nobody_liable(facts: OrderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A penalty is demanded from a registered party.

    Clause: Munger tender 2026, clause 42(xxi): vehicles and their owners are registered with the department. Our
    reading: an owner who is not yet a party is entered first. The district office may settle a doubt.
    """
    policy.at("CAS-04", at)
    return None if facts.liable_party else Finding("CAS-04", {"case": facts.case})


@rule("CAS-05", on="case.order_amount")
def amount_not_positive(facts: OrderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An order names an amount above zero.

    Clause: review of 13.01.2026, point vi: a penalty is imposed. Our reading: a case without a penalty is
    dropped with a reason instead. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-05", at)
    return None if facts.amount_paise > 0 else Finding("CAS-05", {"case": facts.case})
