"""A month at two ghats, small enough to know every answer: an honest truck, one that drives by night, a pass mill."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars

from immis import clock
from immis.analytics.asked import Span, month, usual_night
from immis.analytics.facts import schemas
from immis.gateway.store import parquet

FIRST, LAST = month("2026-06")
SPAN = Span(FIRST, LAST, *usual_night(LAST))
HONEST, NIGHTLY, MILL = "BR08G0001", "BR08G0002", "BR08G0003"
A, B = (25.30, 86.50), (25.40, 86.60)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=clock.INDIA)


def seconds(when: datetime) -> int:
    return int(when.timestamp())


def drive(vehicle: str, begins: datetime, where: tuple[float, float], minutes: int) -> list[tuple[Any, ...]]:
    """A truck going north at 30 km/h, a fix a minute."""
    imei = f"86000000{vehicle[-4:]}017"
    rows = []
    for n in range(minutes + 1):
        stamp = seconds(begins + timedelta(minutes=n)) * 1000
        row = dict.fromkeys(parquet.COLUMNS) | {
            "imei": imei, "vehicle": vehicle, "at": stamp, "device_at": stamp, "received_at": stamp,
            "lat": where[0] + n * 0.5 / 111.195, "lon": where[1], "fix": True, "kind": "position", "late": False,
            "frame_no": n, "problems": "", "digest": 0, "raw_ref": n, "alert": 1,
        }  # fmt: skip
        rows.append(tuple(row.values()))
    return rows


def lay_positions(data_dir: Path) -> None:
    """Into the store: honest by day from A, by night from A in two nights (once told twice), the mill far away."""
    rows = drive(HONEST, at(5, 10), A, 40) + drive(NIGHTLY, at(6, 23, 40), A, 40) + drive(NIGHTLY, at(8, 2), A, 20)
    rows += drive(MILL, at(7, 12), (26.0, 85.0), 60)
    again = drive(NIGHTLY, at(8, 2), A, 20)
    parquet.write_segment(data_dir, [parquet.frame_of(rows)], start=0, end=100)
    parquet.write_segment(data_dir, [parquet.frame_of(again)], start=100, end=200)


def facts() -> dict[str, polars.DataFrame]:
    def one(number: str, vehicle: str, ghat: str, when: datetime, state: str = "completed") -> tuple[Any, ...]:
        return number, vehicle, ghat, 16.0, seconds(when), seconds(when + timedelta(hours=4)), state

    passes = [one("P1", HONEST, "A", at(5, 9, 50)), one("P2", NIGHTLY, "A", at(6, 23, 30))]
    passes += [one(f"M{n}", MILL, "B", at(7, 10 + n), "expired") for n in range(5)]
    passes += [one("X", HONEST, "A", at(9, 9), "cancelled")]
    trips = [
        (1, HONEST, "A", seconds(at(5, 10)), seconds(at(5, 11)), 20.0),
        (2, NIGHTLY, "A", seconds(at(6, 23, 45)), seconds(at(7, 1)), 20.0),
        (3, NIGHTLY, "A", seconds(at(8, 2, 5)), None, None),
    ]
    ghats = [("A", "Alpha", "अ", "Munger", *A, 365_000.0), ("B", "Beta", "ब", "Munger", *B, 36_500.0)]
    volumes = [("A", "weighed", seconds(at(10, 12)), 40.0), ("A", "consumed", seconds(at(11, 12)), 25.0)]
    rows = {"passes": passes, "trips": trips, "ghats": ghats, "volumes": volumes}
    return {name: polars.DataFrame(rows[name], schema=columns, orient="row") for name, columns in schemas().items()}


#: What the three questions answer; kilometres are half a kilometre a minute.
ANSWERS = {
    "night_trips": [(NIGHTLY, "A", 2, 30.0, 2, 1)],
    "pass_mills": [("B", 5, 1, 5, 5, 5, 100.0), ("A", 2, 2, 1, 0, 0, 0.0)],
    "five_way_balance": [
        ("B", 3000.0, 80.0, None, None, None, None, 80.0),
        ("A", 30000.0, 32.0, 32.0, 40.0, None, 25.0, 8.0),
    ],
}
