"""A penalty as it is reckoned: two orders that the press told agree with it, and each side of each day of the law."""

from datetime import datetime
from decimal import Decimal

import pytest

from immis.enforcement.papers.written import arithmetic
from immis.rules.calendar import INDIA
from immis.rules.enforcement.computation import Measured, computed
from immis.rules.policy import book


def _at(text):
    return datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=INDIA)


def _reckoned(day, **facts):
    facts = {"offence": "illegal_mining", "actor": "owner", **facts}
    return computed(Measured(**facts), policy=book(), at=_at(day))


def test_the_tractor_of_madhubani():
    penalty = _reckoned("2025-02-10", vehicle="tractor", quantity_m3=Decimal("2.464"), add_ons=("PEN-63",))
    sums = [(line.code, line.amount_paise // 100) for line in penalty.lines]
    assert sums == [("PEN-60", 100_000), ("PEN-61", 4_620), ("PEN-63", 5_000)]
    assert (penalty.total_paise, penalty.rule, penalty.is_unverified) == (109_620_00, "56", True)
    assert arithmetic(penalty.lines[1]) == "25 × ₹ 75 × 2.464 m³"


def test_the_truck_of_rohtas():
    penalty = _reckoned("2025-02-10", vehicle="truck", quantity_m3=Decimal("9.94"), river="Sone")
    assert penalty.total_paise == 837_275_00  # 8 lakh + 25 x 1,491


@pytest.mark.parametrize(("day", "rupees"), [("2024-10-15", 25_000), ("2024-10-16", 100_000)])
def test_the_day_of_the_offence_gives_the_scale(day, rupees):
    assert _reckoned(day, vehicle="tractor").total_paise == rupees * 100


@pytest.mark.parametrize(("day", "rule", "rupees"), [("2026-04-30", "30", 0), ("2026-05-01", "56", 1_000_000)])
def test_a_settlee_was_fined_by_another_rule_before_the_tender(day, rule, rupees):
    penalty = _reckoned(day, vehicle="machine", actor="settlee")
    assert (penalty.rule, penalty.total_paise) == (rule, rupees * 100)


def test_what_has_no_table_has_no_line_and_a_table_alone_one():
    assert _reckoned("2026-10-01", offence="overload").lines == ()
    tamper = _reckoned("2026-10-01", offence="gps_tamper", vehicle="tractor", quantity_m3=Decimal(9))
    assert [(line.code, line.amount_paise) for line in tamper.lines] == [("PEN-01", 20_000_00)] and tamper.rule == ""
