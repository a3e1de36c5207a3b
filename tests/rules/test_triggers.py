"""Triggers beyond their golden cases: purity, closed consequences, money, and the proposal that stays off."""

from dataclasses import asdict, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import get_type_hints

import pytest

from immis.rules import catalogue
from immis.rules.calendar import end_of
from immis.rules.movement.penalties import OrderFacts, penalty_paise, penalty_value, reply_due
from immis.rules.movement.triggers import PenaltyFacts, TamperFacts, tamper_bar
from immis.rules.policy import PolicyBook

AT = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
ORDER = ("case.order", "case.order_amount")
catalogue.load_all()


@pytest.mark.parametrize("code", sorted(catalogue.TRIGGERS))
def test_facts_are_frozen_and_words_exist(code, book):
    function = catalogue.TRIGGERS[code].function
    facts = get_type_hints(function)[function.__code__.co_varnames[0]]
    assert is_dataclass(facts) and facts.__dataclass_params__.frozen
    assert book.entry(code).title["hi"] and book.entry(code).implements


def test_every_message_that_a_trigger_sends_has_words(book):
    for code in ("MSG-01", "MSG-02", "MSG-03", "MSG-04", "MSG-07", "MSG-10", "MSG-12", "MSG-14"):
        assert book.entry(code).message["hi"] and book.entry(code).message["en"]


@pytest.mark.parametrize(
    ("vehicle", "rupees"), [("tractor", 20_000), ("truck", 100_000), ("dumper", 100_000), ("", 100_000)]
)
def test_the_penalty_of_the_table_by_vehicle(book, vehicle, rupees):
    assert penalty_paise("gps_tamper", vehicle=vehicle, policy=book, at=AT) == rupees * 100


def test_no_table_no_figure(book):
    assert penalty_value("issued_away", vehicle="truck", policy=book, at=AT) is None
    before = datetime(2024, 10, 15, tzinfo=UTC)
    assert penalty_paise("gps_tamper", vehicle="truck", policy=book, at=before) == 0


def test_the_figures_of_the_press_are_marked(book):
    assert {value.status for value in book.entry("PEN-01").values} == {"unverified"}


def _approved(book, **value):
    entry = book.entry("TRG-06")
    kept = replace(entry.values[0], value={**entry.values[0].value, **value}, approval="Order 1 of 01.09.2026")
    return PolicyBook({**book.entries, "TRG-06": replace(entry, values=(kept,))})


def _facts(**more):
    return PenaltyFacts(
        **{"case": "C", "offence": "gps_tamper", "step": "order", "step_at": AT, "registration": "BR08G1234", **more}
    )


def test_the_bar_without_approval_does_nothing(book):
    one = catalogue.TRIGGERS["TRG-06"]
    assert catalogue.react(one, _facts(), policy=book, at=AT) == []


def test_the_approved_bar_ends_at_midnight_of_india_clamped_to_the_month(book):
    """Three months after 30 November is 28 February."""
    [hold] = tamper_bar(_facts(), policy=_approved(book), at=AT)
    assert (hold.since, hold.until.isoformat()) == (AT, "2027-02-27T18:30:00+00:00")


@pytest.mark.parametrize("more", [{"step": "payment"}, {"offence": "issued_away"}, {"registration": ""}])
def test_the_approved_bar_keeps_to_its_case(book, more):
    assert list(tamper_bar(_facts(**more), policy=_approved(book), at=AT)) == []


def test_the_bar_takes_effect_from_its_day_only(book):
    early = datetime(2026, 1, 12, 18, 29, 59, tzinfo=UTC)
    one = catalogue.TRIGGERS["TRG-06"]
    assert catalogue.react(one, _facts(), policy=_approved(book), at=early) == []
    assert len(catalogue.react(one, _facts(), policy=_approved(book), at=early + timedelta(seconds=1))) == 1


def test_facts_go_unchanged_into_consequences(book):
    link = {"token": True, "continuous_frames": True, "continuous_place": True}
    seen = TamperFacts(
        "BR08G1234", "86", "cover_opened", "strong", AT, "Munger", lat=25.0, lon=86.0, raw="$x", link=link
    )
    case, task = catalogue.react(catalogue.TRIGGERS["TRG-05"], seen, policy=book, at=AT)
    assert case.facts == task.facts == asdict(seen)


def test_a_reply_is_awaited_seven_days(book):
    assert reply_due(AT, policy=book) == end_of(date(2026, 12, 7))


def test_all_findings_of_an_order_come_at_once(book):
    facts = OrderFacts("C", None, False, 0, 100, "", "")
    codes = [[row.code for row in catalogue.find(on, facts, policy=book, at=AT)] for on in ORDER]
    assert codes == [["CAS-01", "CAS-04"], ["CAS-03", "CAS-05"]]
