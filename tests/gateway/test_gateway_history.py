"""The same packets in any order, twice, torn between live and history: the same crossings and trips stand at last."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from immis.gateway.amend import story
from immis.gateway.outbox import last_positions
from immis.gateway.protocols.encode import encode_position
from tests.gateway.test_gateway_pipeline import IMEI, T0, Road

_END = T0 + timedelta(hours=14)


def drives(road: Road, chance: random.Random, hours: float = 2.0) -> list:
    """A truck going to and fro between ghat and store, one fix in thirty seconds, with stray and missing fixes."""
    reports, lon, step = [], 86.39, 0.0042
    for i in range(int(hours * 120)):
        lon += step * chance.uniform(0.2, 1.0)
        step = -step if not 86.385 < lon < 86.52 and (lon - 86.45) * step > 0 else step
        at = T0 + timedelta(seconds=30 * i)
        stray = chance.random() < 0.01
        fix = chance.random() > 0.05
        reports.append(
            road.report(0, lon + (3.0 if stray else 0.0), at=at, fix=fix, speed_kmh=chance.choice([0.0, 40.0]))
        )
    return reports


def told(folder) -> list[tuple]:
    """What stands at last, without the marks of how it came about; amended trips as they are now."""
    rows = []
    for event in story(folder, IMEI):
        said = {k: v for k, v in event.payload.items() if k not in ("late", "seq", "distance_km")}
        kind = event.kind.replace("amended", "completed")
        rows.append((kind, event.at, sorted(said.items()), round(event.payload.get("distance_km", 0), 1)))
    return sorted(rows, key=str)


def settle(road: Road) -> None:
    road.pipeline.commit()
    while road.pipeline.amend(_END.timestamp(), most=50):
        road.pipeline.commit()


def play(folder, deliveries) -> Road:
    """Deliveries are (report, seconds after T0, link), in the order of arrival."""
    road = Road(folder)
    for report, second, link in deliveries:
        road.bytes(encode_position(report), at=T0 + timedelta(seconds=second), connection=link)
    settle(road)
    return road


def in_order(reports: list) -> list:
    return [(report, (report.at - T0).total_seconds() + 2, 1) for report in reports]


def dead_zones(reports: list, chance: random.Random) -> list:
    """Some stretches are held in memory and come later, newest first, some packets twice, over two links."""
    live, held = [], []
    while reports:
        count = chance.randrange(1, 60)
        (held if chance.random() < 0.4 and live else live).append(reports[:count])
        reports = reports[count:]
    deliveries = [item for part in live for item in in_order(part)]
    for part in held:
        later = (part[-1].at - T0).total_seconds() + chance.choice([60, 900, 4000])
        deliveries += [(replace(r, status="H"), later + i / 100, 1) for i, r in enumerate(reversed(part))]
    deliveries += [(report, second + 5, 2) for report, second, _ in deliveries if chance.random() < 0.1]
    return sorted(deliveries, key=lambda one: one[1])


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrival_leaves_the_same_story(tmp_path, seed):
    chance = random.Random(seed)
    reports = drives(Road(tmp_path / "made"), chance, hours=[2.0, 2.0, 2.0, 2.0, 2.0, 9.0][seed])
    plain = play(tmp_path / "plain", in_order(reports))
    assert len([row for row in told(plain.folder) if row[0] == "trip.completed"]) >= 2
    deliveries = dead_zones(reports, chance)
    if seed == 4:  # no order at all
        chance.shuffle(deliveries)
        deliveries = [(report, 7200 + i, link) for i, (report, _, link) in enumerate(deliveries)]
    mixed = play(tmp_path / "mixed", deliveries)
    assert told(mixed.folder) == told(plain.folder)
    ends = [last_positions(road.folder)[0] for road in (plain, mixed)]
    assert [(e.lat, e.lon, e.fences) for e in ends][0] == (ends[1].lat, ends[1].lon, ends[1].fences)
    assert (ends[0].trip or {}).get("started_at") == (ends[1].trip or {}).get("started_at")


def test_history_is_told_as_late_and_only_once(tmp_path):
    reports = drives(Road(tmp_path / "made"), random.Random(9))
    half = len(reports) // 2
    road = play(tmp_path / "mixed", in_order(reports[:40] + reports[half:]))
    before = len(road.kinds())
    for i, report in enumerate(reversed(reports[40:half])):
        road.bytes(encode_position(replace(report, status="H")), at=T0 + timedelta(hours=3, seconds=i))
    settle(road)
    news = [event for event in road.all_events()[before:]]
    assert news and all(event.payload["late"] for event in news)
    assert not any(event.kind.startswith("device.") for event in news)
    told_so_far = len(road.kinds())
    road.bytes(encode_position(replace(reports[50], status="H")), at=T0 + timedelta(hours=4))
    settle(road)
    assert len(road.kinds()) == told_so_far
