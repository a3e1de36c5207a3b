"""What happens to an e-challan on its trip: not started, started, arrived, issued elsewhere."""

from datetime import datetime

from django.db import transaction

from immis.challans import selectors
from immis.challans.events import (
    ChallanCompleted,
    ChallanStarted,
    IssuedAway,
    NotStarted,
    StartProved,
)
from immis.challans.facts import event_facts
from immis.challans.models import Challan
from immis.challans.services.states import reopen_challan, set_state
from immis.challans.services.watch import next_look, tell_repeated
from immis.core.access.permissions import SYSTEM
from immis.core.services import emit, log_action
from immis.rules.catalogue import Finding
from immis.tracking import selectors as tracking


def tell_not_started(challan: Challan, finding: Finding, *, at: datetime) -> bool:
    """Tell once that a challan's trip did not start from the source (A-21); answers whether it was news."""
    last = tracking.last_fix(challan.imei)
    seen = {"lat": last.lat, "lon": last.lon, "fix_at": last.at} if last else {}
    facts = {**event_facts(challan), **finding.facts, **seen, "rule": finding.code}
    facts["waited_min"] = finding.facts["limit_minutes"]
    subject = ("challan", challan.number)
    news = emit(NotStarted.of(facts), subject=subject, at=at, key=f"{NotStarted.KIND}:{challan.number}")
    if news:
        tell_repeated(challan, at=at)
    return news


@transaction.atomic
def record_place(challan: Challan, finding: Finding | None, *, at: datetime) -> bool:
    """Keep that the place of issue was compared with the device; tell once when it was another place (A-23, A-24)."""
    fresh = Challan.objects.filter(pk=challan.pk, place_checked_at__isnull=True).update(place_checked_at=at)
    if not fresh or finding is None:
        return False
    facts = {**event_facts(challan), **finding.facts, "rule": finding.code}
    subject = ("challan", challan.number)
    return emit(IssuedAway.of(facts), subject=subject, at=at, key=f"{IssuedAway.KIND}:{challan.number}")


@transaction.atomic
def record_start(challan_id: int, *, left_at: datetime, at: datetime) -> None:
    """The vehicle left the ghat after issue: the trip has started, if the challan was in force when it left (A-21)."""
    row = Challan.objects.select_for_update().get(pk=challan_id)
    deadline = selectors.start_by(row)
    late = deadline is not None and left_at >= deadline
    if row.state == Challan.INVALID and row.state_rule == "MOV-01" and not late:
        _prove_start(row, left_at, at=at)
    if row.started_at is not None or row.state in (Challan.INVALID, Challan.CANCELLED):
        return
    row.started_at, row.watch_at = left_at, next_look(at)
    row.start_due_at = row.start_due_at if late else None
    row.save(update_fields=["started_at", "start_due_at", "watch_at"])
    if not late:
        facts, subject = {**event_facts(row), "started_at": left_at}, ("challan", row.number)
        emit(ChallanStarted.of(facts), subject=subject, at=at, key=f"{ChallanStarted.KIND}:{row.number}")


def _prove_start(row: Challan, left_at: datetime, *, at: datetime) -> None:
    """Late packets show that the vehicle left in time: the e-challan is in the state of its time again."""
    reopen_challan(row, at=at)
    facts, subject = {**event_facts(row), "started_at": left_at}, ("challan", row.number)
    log_action(StartProved.KIND, subject=subject, by=SYSTEM, at=at, facts={"left_at": left_at})
    emit(StartProved.of(facts), subject=subject, at=at, key=f"{StartProved.KIND}:{row.number}:{left_at.isoformat()}")


def settle_start(challan_id: int) -> None:
    """The start of a challan is proved: nobody need look for it again."""
    Challan.objects.filter(pk=challan_id).update(start_due_at=None)


@transaction.atomic
def record_arrival(challan_id: int, *, arrived_at: datetime, at: datetime) -> None:
    """The vehicle came to the destination: the challan is used up, in time or late."""
    row = Challan.objects.select_for_update().get(pk=challan_id)
    if row.completed_at is not None or row.state not in (Challan.ISSUED, Challan.EXPIRED):
        return
    row.completed_at = arrived_at
    late = arrived_at >= row.valid_until
    set_state(row, Challan.COMPLETED, "", {"arrived_at": arrived_at, "late": late}, by=SYSTEM, at=at)
    facts = {**event_facts(row), "arrived_at": arrived_at, "late": late}
    key = f"{ChallanCompleted.KIND}:{row.number}:{arrived_at.isoformat()}"
    emit(ChallanCompleted.of(facts), subject=("challan", row.number), at=at, key=key)
