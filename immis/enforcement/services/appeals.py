"""Appeal and revision of an order of penalty: filed by the accused, stayed and decided by a higher post (E-168)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.papers.uploads import admit, keep
from immis.core.services import emit, log_action
from immis.enforcement import gates
from immis.enforcement.events import CaseAppealed
from immis.enforcement.models import Case, CaseAppeal
from immis.enforcement.papers.appeals import decision_draft
from immis.enforcement.papers.link import link_of
from immis.enforcement.papers.written import make_paper
from immis.enforcement.selectors import bar_of, waiting_appeal
from immis.enforcement.services.steps import close_tasks_of, news_of, row_in_turn, tell_accused
from immis.enforcement.services.tasks import require
from immis.holds.services import lift_hold
from immis.ledger.selectors import demands_by_number
from immis.ledger.services import release_demand
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding
from immis.rules.enforcement.appeals import StayFacts
from immis.rules.movement.penalties import reply_due
from immis.rules.policy import book
from immis.rules.writing.texts import texts


def file_appeal(case: Case, *, kind: str, grounds: str, by: Actor, at: datetime, document: Any = None) -> Case:
    """The accused appeals against the order, or asks for a revision of the decision on his appeal.

    Raises NotPermitted for another party, Refusal (CAS-06 nothing is ordered, CAS-07 no grounds, CAS-70 too late,
    CAS-71 one waits or the turn is another's, UPL-02).
    """
    require_grant(by, "case.appeal")
    if by.party_id is None or by.party_id != case.party_id:
        raise NotPermitted(f"case {case.number} is against somebody else")
    if document:
        admit(party_id=by.party_id, size_bytes=document.size, at=at)
    with transaction.atomic():
        row = row_in_turn(case, "appeal", at=at)
        require(on="case.appeal", facts=gates.filing_of(row, kind), at=at)
        if not grounds.strip():
            raise Refusal(Finding("CAS-07", {}))
        kept = keep(document.read(), at=at, party_id=by.party_id) if document else ""
        appeal = _filed(row, kind, grounds.strip(), kept, by=by, at=at)
        facts = {"appeal": appeal.number, "kind": kind, "note": appeal.grounds}
        log_action(CaseAppealed.KIND, subject=("case", row.number), by=by, at=at, facts=facts)
        news = CaseAppealed(**news_of(row), appeal=appeal.number, to_role=gates.post_over(appeal.against))
        emit(news, subject=("case", row.number), at=at, key=f"{news.KIND}:{appeal.number}")
    return row


def _filed(case: Case, kind: str, grounds: str, document: str, *, by: Actor, at: datetime) -> CaseAppeal:
    number = f"{case.number}-A{CaseAppeal.objects.filter(case=case).count() + 1}"
    terms = {"kind": kind, "grounds": grounds, "document": document, "against": gates.act_against(case, kind)}
    try:
        with transaction.atomic():
            return CaseAppeal.objects.create(case=case, number=number, **terms, filed_at=at, filed_by_name=by.name)
    except IntegrityError as error:  # filed twice at once
        raise Refusal(Finding("CAS-71", {"case": case.number, "because": book().words("CAS-71", "waits")})) from error


@dataclass(frozen=True)
class Stay:
    """Until which day an order is stayed, by which order of the deciding post."""

    until: date
    reference: str


@transaction.atomic
def stay_order(case: Case, *, stay: Stay, by: Actor, at: datetime) -> Case:
    """The deciding post stays an order: nothing is recovered on it until that day or the decision.

    Raises NotPermitted elsewhere, Refusal (CAS-06, CAS-72 not the higher post, CAS-73 no appeal waits, CAS-74 its end).
    """
    row, appeal = _before(case, "stay", by=by, at=at)
    require(on="case.stay", facts=StayFacts(row.number, stay.until, india_day(at)), at=at)
    appeal.stay_until, appeal.stay_reference = stay.until, stay.reference
    appeal.save()
    facts = {"appeal": appeal.number, "stay_until": stay.until, "reference": stay.reference}
    log_action("case.stayed", subject=("case", row.number), by=by, at=at, facts=facts)
    key = f"{appeal.number}:{stay.until}"
    tell_accused(row, "MSG-281", at=at, key=key, stay_until=stay.until, reference=stay.reference)
    return row


def _before(case: Case, act: str, *, by: Actor, at: datetime) -> tuple[Case, CaseAppeal]:
    """The case and its waiting appeal before the post that decides it, both locked."""
    require_grant(by, f"case.{act}", district=case.district)
    row = row_in_turn(case, act, at=at)
    require(on="case.decide_appeal", facts=gates.hearing_of(row, by, at), at=at)
    appeal = waiting_appeal(row)
    assert appeal is not None  # CAS-73
    return row, CaseAppeal.objects.select_for_update().get(pk=appeal.pk)


@transaction.atomic
def decide_appeal(case: Case, *, outcome: str, decision: str, by: Actor, at: datetime) -> Case:
    """Dismiss the appeal, set the order aside, or send the case back to be heard again.

    Set aside or sent back, the demand is withdrawn; what was paid on it is the party's credit. Raises NotPermitted
    elsewhere, Refusal (CAS-06, CAS-07 without reasons, CAS-72 not the higher post, CAS-73 no appeal waits).
    """
    row, appeal = _before(case, "decide_appeal", by=by, at=at)
    if not decision.strip():
        raise Refusal(Finding("CAS-07", {}))
    appeal.outcome, appeal.decision, appeal.decided_at = outcome, decision.strip(), at
    appeal.decided_role, appeal.decided_by_name = by.role, by.name
    appeal.save()
    paper = make_paper(row, decision_draft(row, appeal), by=by, at=at)
    _carried_out(row, appeal, by=by, at=at)
    facts = {"appeal": appeal.number, "outcome": outcome, "note": appeal.decision, "paper": paper.number}
    log_action("case.appeal_decided", subject=("case", row.number), by=by, at=at, facts=facts)
    close_tasks_of(row, at=at)
    words = texts("papers/case")[outcome]
    tell_accused(
        row, "MSG-280", at=at, key=appeal.number, appeal=appeal.number, outcome_words=dict(words), link=link_of(row)
    )
    return row


def _carried_out(row: Case, appeal: CaseAppeal, *, by: Actor, at: datetime) -> None:
    """What a decision does to the case and to the account."""
    if appeal.outcome == "dismissed":
        return
    demand = demands_by_number([row.demand_number]).get(row.demand_number)
    if demand is not None and demand.cancelled_at is None:
        release_demand(demand=demand, reason=f"{appeal.number}: {appeal.decision}", instead=None, by=by, at=at)
    _lift_bar(row, appeal, by=by, at=at)
    row.paid_at = None
    if appeal.outcome == "set_aside":
        row.state, row.closed_at, row.outcome = "set_aside", at, appeal.decision
    else:  # heard again, from the reply on
        row.state, row.replied_at, row.reply_due_at = "noticed", None, reply_due(at, policy=book())
        row.ordered_at, row.ordered_paise, row.order_reason, row.demand_number = None, None, "", ""
    row.save()


def _lift_bar(case: Case, appeal: CaseAppeal, *, by: Actor, at: datetime) -> None:
    """The bar that followed an order which does not stand any more ends with it (A-16)."""
    bar = bar_of(case)
    if bar is not None and bar.lifted_at is None:
        lift_hold(hold=bar, reference=appeal.number, by=by, at=at)
