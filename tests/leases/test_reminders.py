"""Reminders at T-30, 7, 1 and the ladder after the due day: once each, and silent once it is verified (A-12)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from immis.challans.royalty import removed_m3, settle_royalty
from immis.core.models import OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import FailedEvent, Task
from immis.leases import life, services
from immis.leases.reminders import announce_calendar
from immis.ledger.models import Demand
from immis.messaging.models import Message
from immis.messaging.texts import body
from tests.settlement import india

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[dict]:
    return [event.facts for event in OutboxEvent.objects.filter(kind=kind).order_by("id")]


def live(first: str, days: int) -> None:
    """The worker wakes every morning at eight."""
    start = india(first, "08:00:00")
    for day in range(days):
        announce_calendar(at=start + timedelta(days=day))


def test_a_reminder_at_thirty_seven_and_one_days(world):
    """T-15 is told with the district's task."""
    world.mining()
    live("2026-09-10", 35)
    seen = [(fact["days"], fact["due_on"]) for fact in told("instalment.reminder")]
    assert seen == [(30, "2026-10-15"), (7, "2026-10-15"), (1, "2026-10-15")]
    at = [event.at for event in OutboxEvent.objects.filter(kind="instalment.reminder").order_by("id")]
    assert [one.astimezone().date() for one in at] == [date(2026, 9, 15), date(2026, 10, 8), date(2026, 10, 14)]


def test_the_ladder_climbs_once_a_rung(world):
    world.mining()
    live("2026-10-14", 30)
    assert [fact["rung_day"] for fact in told("instalment.rung")] == [0, 7, 15]


def test_a_worker_that_slept_tells_where_things_stand_now(world):
    world.mining()
    announce_calendar(at=india("2026-10-26"))
    assert [fact["rung_day"] for fact in told("instalment.rung")] == [7]
    assert told("instalment.reminder") == []


def test_nothing_is_told_of_what_is_verified(world):
    lease = world.mining()
    world.pay_and_verify(world.instalment(lease, 1, 2), at=india("2026-09-01"))
    live("2026-09-10", 50)
    assert told("instalment.reminder") == [] and told("instalment.rung") == []


@pytest.mark.flow
def test_the_rungs_land_on_the_desks_and_the_reminder_with_the_settlee(world):
    world.mining()
    for day in ("2026-09-15", "2026-10-15", "2026-10-22", "2026-10-30"):
        announce_calendar(at=india(day))
        run_triggers(at=india(day))
    assert not FailedEvent.objects.exists()
    tasks = list(Task.objects.filter(code="TRG-81").order_by("pk").values_list("office__code", "role", "act"))
    assert tasks == [("munger", "district", "remind"), ("munger", "collector", "recover"), ("hq", "hq", "recover")]
    assert Message.objects.filter(template="MSG-80").count() == 1


def test_the_end_is_announced_a_month_before(world):
    """E-153."""
    lease = world.mining()
    live("2031-06-10", 10)
    run_triggers(at=india("2031-06-20"))
    assert [fact["period_to"] for fact in told("lease.ends_soon")] == ["2031-07-14"]
    assert Message.objects.filter(template="MSG-84").count() == 1
    assert Task.objects.get(code="TRG-86").subject_id == lease.number


@pytest.mark.flow
def test_each_event_of_a_life_finds_its_trigger(world):
    lease, collector = world.mining(), world.actor("collector")
    services.extend_clock(
        lease=lease, clock="registration", until_on=date(2026, 9, 1), reason="x", reference="y", by=collector,
        at=india("2026-07-20"),
    )  # fmt: skip
    notice = services.issue_notice(
        lease=lease, kind="show_cause", grounds="उप-पट्टा", by=collector, at=india("2026-08-01")
    )
    services.reply_to_notice(notice=notice, reply="नहीं", by=world.settlee, at=india("2026-08-02"))
    services.ask_surrender(lease=lease, reason="बालू नहीं", by=world.settlee, at=india("2026-08-03"))
    services.cancel_settlement(lease=lease, reason="उप-पट्टा", reference="DM/3", by=collector, at=india("2026-08-04"))
    services.record_stored_sand(
        lease=lease,
        sand=services.StoredSand(
            on=date(2026, 8, 6), quantity_m3=Decimal("12"), distance_m=100, place="बाँध", reference="P"
        ),
        by=world.district,
        at=india("2026-08-06"),
    )
    services.settle_royalty_year(lease=lease, year=1, removed_m3=Decimal("200000"), at=india("2027-07-15"))
    run_triggers(at=india("2027-07-16"))
    assert list(FailedEvent.objects.values_list("error", flat=True)) == []
    templates = set(Message.objects.values_list("template", flat=True))
    assert {"MSG-82", "MSG-83", "MSG-85", "MSG-86"} <= templates
    assert "not verified)" in body("MSG-86", Message.objects.get(template="MSG-86").facts, "en")  # LSE-29: the press
    codes = set(Task.objects.values_list("code", flat=True))
    assert {"TRG-83", "TRG-84", "TRG-85", "TRG-87", "TRG-89"} <= codes


def test_the_years_royalty_is_settled_by_the_worker(world):
    lease = world.mining()
    assert settle_royalty(at=india("2027-07-14", "23:59:59")) == 0
    assert settle_royalty(at=india("2027-07-15", "00:00:00")) == 1 and settle_royalty(at=india("2027-07-16")) == 0
    assert removed_m3(lease, date(2026, 7, 15), date(2027, 7, 15)) == 0
    assert life.acts_of(lease, "royalty")[0].facts["excess_paise"] == 0
    assert not Demand.objects.filter(kind="royalty").exists()
