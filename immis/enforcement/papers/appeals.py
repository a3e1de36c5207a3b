"""What a decision on an appeal says: against which order, what it comes to, and why."""

from immis.enforcement.models import Case, CaseAppeal
from immis.enforcement.papers.written import Draft, rupees
from immis.rules.calendar import india_day
from immis.rules.writing.texts import text, texts

_PAPER = "papers/case"


def decision_draft(case: Case, appeal: CaseAppeal) -> Draft:
    """The decision on an appeal or a revision, with what it does to the demand."""
    order = case.papers.filter(kind="order").order_by("pk").last()
    answer = [
        text(
            _PAPER,
            f"{appeal.kind}_against",
            appeal=appeal.number,
            filed=f"{india_day(appeal.filed_at):%d.%m.%Y}",
            order=order.number if order else case.number,
            amount=rupees(case.ordered_paise or 0),
        ),
        text(_PAPER, "grounds", grounds=appeal.grounds),
        text(_PAPER, "ground", reason=appeal.decision),
        texts(_PAPER)[f"{appeal.outcome}_means"],
    ]
    return Draft("decision", answer)
