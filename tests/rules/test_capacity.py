"""A sizing proposal by hand: growth, headroom, measured costs (CAP-01)."""

from immis.rules.capacity import Load, options_of, years_of

TERMS = {
    "years": 2, "growth_percent": {"challans": 100, "devices": 0, "files": 0}, "busiest_hour_percent": 100,
    "used_at_most_percent": 50, "challan_cpu_ms": 1000, "packet_cpu_us": 0, "packets_a_minute": 1, "packet_bytes": 0,
    "challan_bytes": 10**9, "copies": 2, "least_cores": 2, "memory_gb_a_core": 4,
    "available_percent": {"one": "99.0", "standby": "99.9", "three": "99.95"},
}  # fmt: skip


def test_load_doubles_and_cores_follow_its_busiest_hour():
    rows = years_of(Load(7200, 10, 1.0, 0.0, 0.0), TERMS)
    assert [row.challans_a_day for row in rows] == [7200, 14400, 28800]
    assert [row.cores for row in rows] == [4, 8, 16]  # two busy all hour, used to a half
    assert rows[0].storage_gb == (7200 * 365 + 1) * 2 and rows[2].memory_gb == 64


def test_three_options_share_or_repeat_the_last_year():
    one, standby, three = options_of(years_of(Load(7200, 10, 0.0, 0.0, 0.0), TERMS), TERMS)
    assert (one.machines, one.cores) == (1, 16) and (standby.machines, standby.cores) == (2, 16)
    assert (three.machines, three.cores, three.available_percent) == (3, 8, "99.95")


def test_no_load_needs_the_least_machine():
    assert years_of(Load(0, 0, 0.0, 0.0, 0.0), TERMS)[0].cores == 2
