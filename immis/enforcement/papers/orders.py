"""What an order of penalty says: notice, reply, rule, ground, how it is reckoned, until when it is paid."""

from collections.abc import Iterator, Mapping
from datetime import date

from immis.enforcement.models import Case
from immis.enforcement.papers.written import Draft, rupees, sums_of
from immis.rules.calendar import india_day
from immis.rules.enforcement.computation import Computation
from immis.rules.writing.texts import text

_PAPER = "papers/case"


def order_draft(case: Case, computation: Computation, *, due_on: date) -> Draft:
    """The order of a case whose amount and reason stand on record."""
    assert case.ordered_paise is not None
    sums = sums_of(computation, ordered_paise=case.ordered_paise, reason=case.order_reason)
    lines = [*_heard(case), *_law(case, computation)]
    if case.order_reason:
        lines.append(text(_PAPER, "ground", reason=case.order_reason))
    amount, day = rupees(case.ordered_paise), f"{due_on:%d.%m.%Y}"
    lines.append(text(_PAPER, "pay", amount=amount, day=day, demand=case.demand_number))
    return Draft("order", lines, sums, case.ordered_paise)


def _heard(case: Case) -> Iterator[Mapping[str, str]]:
    """By which notice the cause was asked for, and what came of it."""
    notice = case.papers.filter(kind="notice").order_by("pk").last()
    if notice is not None and case.noticed_at is not None:
        yield text(_PAPER, "noticed_on", notice=notice.number, day=f"{india_day(case.noticed_at):%d.%m.%Y}")
    reply = case.replies.order_by("pk").last()
    if reply is not None:
        yield text(_PAPER, "reply_late" if reply.is_late else "reply_in_time", day=f"{india_day(reply.at):%d.%m.%Y}")
    elif case.replied_at is not None:  # recorded before replies were kept apart
        yield text(_PAPER, "reply_in_time", day=f"{india_day(case.replied_at):%d.%m.%Y}")
    else:
        yield text(_PAPER, "no_reply")


def _law(case: Case, computation: Computation) -> Iterator[Mapping[str, str]]:
    if computation.rule:
        yield text(_PAPER, "by_actor", rule=computation.rule, day=f"{india_day(case.occurred_at):%d.%m.%Y}")
