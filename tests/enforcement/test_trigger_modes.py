"""Triggers on trial: an order of headquarters says off or report only, by day and district (TRM-01)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from immis.core.errors import Refusal
from immis.enforcement.again.asking import followed_again
from immis.enforcement.again.trying import try_figure
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, Outcome, Task
from immis.enforcement.modes import MODES, mode_orders, triggers_with_modes
from immis.registers import loader
from immis.registers.selectors import entry_in
from immis.registers.services import Given, do_act, enter
from immis.rules.calendar import india_day
from immis.rules.registers.modes import ModeOrder, mode_of
from tests.enforcement.world import NOON

TODAY = india_day(NOON)


def test_the_latest_day_counts_and_a_district_before_the_state():
    orders = [
        ModeOrder("TRM-1", "TRG-01", "report", TODAY),
        ModeOrder("TRM-2", "TRG-01", "enforce", TODAY, "Munger"),
        ModeOrder("TRM-3", "TRG-01", "stopped", TODAY + timedelta(days=5)),
        ModeOrder("TRM-4", "TRG-02", "stopped", TODAY),
    ]
    assert mode_of(orders, "TRG-01", district="Patna", on=TODAY) == "report"
    assert mode_of(orders, "TRG-01", district="Munger", on=TODAY) == "enforce"
    assert mode_of(orders, "TRG-01", district="Munger", on=TODAY + timedelta(days=5)) == "stopped"
    assert mode_of(orders, "TRG-01", district="Patna", on=TODAY - timedelta(days=1)) == "enforce"


def ordered(world, mode, *, office="", trigger="TRG-10", day=TODAY):
    values = {"trigger": trigger, "mode": mode, "starts_on": day.isoformat(), "order_no": f"HQ/{mode}"}
    values |= {"office": office} if office else {}
    return enter(MODES, "order", values, by=world.actors["hq"], at=NOON)


@pytest.mark.flow
@pytest.mark.django_db
def test_report_only_says_what_would_have_followed_and_does_nothing(world):
    world.tamper(key="gateway:0")
    run_triggers(at=NOON)
    before = Outcome.objects.exclude(consequences=[]).get()
    kinds = [row["kind"] for row in before.consequences]
    assert "OpenCase" in kinds and before.mode is None
    cases, tasks = Case.objects.count(), Task.objects.count()
    order = ordered(world, "report", trigger=before.trigger_code)
    world.tamper(key="gateway:1", at=NOON + timedelta(hours=30))
    run_triggers(at=NOON + timedelta(hours=30))
    would = Outcome.objects.filter(trigger_code=before.trigger_code).latest("pk")
    assert would.mode == "report"
    assert [row["kind"] for row in would.consequences] == kinds and "case" not in str(would.consequences[0].keys())
    assert (Case.objects.count(), Task.objects.count()) == (cases, tasks)
    row = next(
        row
        for row in triggers_with_modes(world.actors["hq"], at=NOON + timedelta(hours=31), days=30)
        if row.code == before.trigger_code
    )
    assert (row.mode, row.events, row.done["OpenCase"], row.would["OpenCase"]) == ("report", 2, 1, 1)
    assert [followed_again(row).result for row in (before, would)] == ["same", "same"]
    trial = try_figure("CAS-02", Decimal(9), start=NOON - timedelta(days=1), end=NOON + timedelta(days=2))
    assert (trial.done.cases, trial.tried.cases) == (1, 2), "of what was on trial nothing was done"
    register = loader.current(MODES, TODAY)
    do_act(
        register=register,
        act=register.acts["withdraw"],
        given=Given({}, reason="tried"),
        by=world.actors["hq"],
        at=NOON,
        entry=entry_in(MODES, order.number),
    )
    assert mode_orders() == []


@pytest.mark.django_db
def test_what_was_off_is_not_asked_and_not_decided_again(world):
    world.tamper(key="gateway:0")
    ordered(world, "stopped", trigger="TRG-05")
    run_triggers(at=NOON)
    row = Outcome.objects.get(trigger_code="TRG-05")
    assert (row.mode, row.consequences, row.word) == ("stopped", [], None)
    assert (followed_again(row).result, followed_again(row).why) == ("not_kept", "off")
    assert Case.objects.count() == 0


@pytest.mark.django_db
def test_off_in_one_district_is_off_there_only(world):
    ordered(world, "stopped", office=world.offices["district"].code, trigger="TRG-250")
    orders = mode_orders()
    assert [(row.mode, row.district) for row in orders] == [("stopped", world.offices["district"].district)]


@pytest.mark.django_db
@pytest.mark.parametrize("trigger,day", [("TRG-9999", TODAY), ("TRG-250", TODAY - timedelta(days=1))])
def test_an_order_names_a_trigger_and_does_not_lie_in_the_past(world, trigger, day):
    with pytest.raises(Refusal) as caught:
        ordered(world, "report", trigger=trigger, day=day)
    assert [finding.code for finding in caught.value.findings] == ["TRM-01"]
