"""What a clearance lets: so much a year, a month and a day, each with the instant from which it lets again."""

from datetime import datetime, timedelta

import pytest

from tests.doors import act, ask_challan, india, words_of

LEASE, SETTLEE, TRUCK = "MUN-2026-02", "angpradesh", "BR08G1098"


def renewed(api, clock, number, **quantities):
    """The clearance anew, for so much; it counts from now on."""
    given = {"kind": "ec", "reference": f"SEIAA/{number}", "quantity_m3": 500_000, **quantities}
    status, codes = act(api, "mdo", LEASE, "renew_clearance", granted_on=f"{clock.now():%Y-%m-%d}", **given)
    assert status == 200, codes


def reasons(api, quantity_m3):
    load = {
        "lease": LEASE,
        "vehicle": TRUCK,
        "place": "bariyarpur",
        "quantity_m3": str(quantity_m3),
        "driver_name": "Ram",
    }
    rows = api(SETTLEE).post("/api/v1/challans/eligibility", load).json()["reasons"]
    return {row["code"]: row for row in rows}


def free_from(row):
    return datetime.fromisoformat(row["fit_from"])


@pytest.mark.row("E-092", "E-140")
def test_the_quantities_of_year_month_and_day_and_the_closed_months_bind(page, api, socket, road, clock):
    """F-6, F-7: more than the clearance lets, and in the months that it closes."""
    clock.to(india(f"{clock.now() + timedelta(days=1):%Y-%m-%d} 09:00"))
    today = clock.now()
    midnight = india(f"{today + timedelta(days=1):%Y-%m-%d} 00:00")
    first = india(f"{(today.replace(day=1) + timedelta(days=32)).replace(day=1):%Y-%m-%d} 00:00")
    try:
        renewed(api, clock, "day", day_m3=20)
        with road.standing(TRUCK, LEASE):
            assert not {"CH-08", "CH-36", "CH-07"} & set(reasons(api, 8))
            asked = ask_challan(page(SETTLEE), LEASE, TRUCK, quantity_m3="8")
            assert asked.number, words_of(asked.html)
        assert "CH-36" not in reasons(api, 12)  # exactly what is left
        assert free_from(reasons(api, "12.001")["CH-36"]) == midnight
        renewed(api, clock, "month", month_m3=10)
        assert free_from(reasons(api, 8)["CH-36"]) == first
        renewed(api, clock, "year", quantity_m3=1)
        assert "CH-08" in reasons(api, 8)
        renewed(api, clock, "months", closed_months=[str(today.month)])
        assert free_from(reasons(api, 8)["CH-07"]) == first
    finally:
        renewed(api, clock, "free", day_m3=100_000, month_m3=1_000_000, closed_months=["7", "8", "9"])
    assert not {"CH-07", "CH-08", "CH-36"} & set(reasons(api, 8))
