"""The same packets in any order, twice, torn between live and history: the same crossings and trips stand at last."""

import json
import os
import random
import select
import signal
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from immis.gateway.history.amend import plain_kind, story
from immis.gateway.history.aside import Aside, Desk
from immis.gateway.protocols.encode import Report, encode_position
from immis.gateway.store.outbox import last_positions
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
        left_out = ("late", "seq", "distance_km", "evidence", "kind", "told_at")
        said = {k: v for k, v in event.payload.items() if k not in left_out}
        rows.append((plain_kind(event), event.at, sorted(said.items()), round(event.payload.get("distance_km", 0), 1)))
    return sorted(rows, key=str)


def settle(road: Road) -> None:
    road.pipeline.commit()
    while (asked := road.pipeline.late_work(_END.timestamp())) or road.pipeline.work_in_late(_END.timestamp()):
        for answer in Desk(road.folder).answer(asked) if asked else ():
            road.pipeline.take_late_work(json.loads(json.dumps(answer)), _END.timestamp())
        road.pipeline.commit()


def play(folder, deliveries) -> Road:
    """Deliveries are (report, seconds after T0, link), in the order of arrival."""
    road = Road(folder)
    begins = T0.timestamp()
    reads = [(link, int((begins + second) * 1e6), encode_position(report)) for report, second, link in deliveries]
    for start in range(0, len(reads), 25):
        road.pipeline.take(road.log.put(reads[start : start + 25]))
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


def late_road(folder, reports: list, *, from_: int, to: int) -> Road:
    """A truck of which a stretch comes when all else is told."""
    road = play(folder, in_order(reports[:from_] + reports[to:-8]))
    for i, report in enumerate(reversed(reports[from_:to])):
        road.bytes(
            encode_position(replace(report, status="H")), at=reports[-9].at + timedelta(seconds=3, milliseconds=i)
        )
    road.pipeline.commit()
    return road


def test_what_a_device_sends_while_its_history_is_gone_over_is_not_forgotten(tmp_path):
    """A drive out of a fence and an open cover come between question and answer."""
    reports = drives(Road(tmp_path / "made"), random.Random(4))
    reports[-6:-4] = [replace(one, cover="O", type_code="TA", alert=9) for one in reports[-6:-4]]
    road = late_road(tmp_path / "mixed", reports, from_=40, to=80)
    asked = road.pipeline.late_work(_END.timestamp(), far=False)
    for report in reports[-8:]:
        road.bytes(encode_position(report), at=report.at + timedelta(seconds=2))
    road.pipeline.commit()
    for answer in Desk(road.folder).answer(asked):
        road.pipeline.take_late_work(answer, _END.timestamp())
    settle(road)
    assert told(road.folder) == told(play(tmp_path / "plain", in_order(reports)).folder)


def test_the_process_beside_the_worker_answers_and_may_die_over_its_work(tmp_path, monkeypatch):
    monkeypatch.setattr("immis.gateway.history.aside.ASIDE_AGAIN_S", 0.0)
    monkeypatch.setattr("immis.gateway.history.late.AMEND_HERE_S", 60.0)
    reports = drives(Road(tmp_path / "made"), random.Random(5))
    road = late_road(tmp_path / "mixed", reports, from_=60, to=90)
    aside = Aside(road.folder)
    aside.ask(road.pipeline.late_work(_END.timestamp()))
    os.kill(aside._process.pid, signal.SIGKILL)
    assert answer_of(aside) is None and aside.is_free
    road.pipeline.take_late_work(None, _END.timestamp())
    aside.ask(road.pipeline.late_work(_END.timestamp()))
    assert road.pipeline.late_work(_END.timestamp()) is None  # it is under way
    road.pipeline.take_late_work(answer_of(aside), _END.timestamp())
    assert aside.is_free
    aside.end()
    settle(road)
    assert told(road.folder) == told(play(tmp_path / "plain", in_order(reports[:-8])).folder)


def answer_of(aside: Aside):
    while True:
        select.select([aside.descriptor], [], [], 30)
        for answer in aside.hear():
            return answer


_WORDS = st.sampled_from(
    [
        {}, {}, {}, {}, {"main_power": False}, {"main_power": False, "type_code": "BD", "alert": 3}, {"cover": "O"},
        {"cover": "O", "type_code": "TA", "alert": 9}, {"type_code": "EMR", "alert": 10, "emergency": True},
        {"main_voltage": 3.0}, {"type_code": "BR", "alert": 6}, {"type_code": "NR", "alert": 9}, {"fix": False},
    ]
)  # fmt: skip


@st.composite
def day(draw):
    """A day's packets: some minutes or hours apart, some in the same second, with alerts, cut supplies, open covers."""
    gaps = draw(st.lists(st.sampled_from([0, 20, 20, 60, 300, 1500, 2400]), min_size=12, max_size=40))
    lons = draw(st.lists(st.sampled_from([86.41, 86.45, 86.5]), min_size=len(gaps), max_size=len(gaps)))
    words = draw(st.lists(_WORDS, min_size=len(gaps), max_size=len(gaps)))
    at, lon, reports = 60, 86.41, []
    for number, (gap, there, said) in enumerate(zip(gaps, lons, words, strict=True)):
        at, lon = at + gap, there if gap else lon  # in one second a truck is in one place
        instant = T0 + timedelta(seconds=at)
        reports.append(Report(imei=IMEI, vehicle="BR08G1234", at=instant, lat=25.31, lon=lon, frame_no=number, **said))
    order = draw(st.permutations(range(len(reports))))
    twice = draw(st.lists(st.integers(0, len(reports) - 1), max_size=6))
    return reports, [*order, *twice], draw(st.lists(st.booleans(), min_size=len(order) + 6, max_size=len(order) + 6))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day())
def test_any_permutation_over_two_links_leaves_the_same_trips_crossings_and_alerts(tmp_path_factory, drawn):
    reports, order, links = drawn
    plain = play(tmp_path_factory.mktemp("plain"), in_order(reports))
    over = (max(report.at for report in reports) - T0).total_seconds()
    mixed = [  # no packet comes before it is sent
        (reports[n], max(over * i / len(order), (reports[n].at - T0).total_seconds() + 2) + i / 100, 1 + links[i])
        for i, n in enumerate(order)
    ]
    mixed.sort(key=lambda one: one[1])
    road = play(tmp_path_factory.mktemp("mixed"), mixed)
    assert told(road.folder) == told(plain.folder)
    arrived = {}
    for report, second, _ in reversed(mixed):
        arrived[report.at] = T0 + timedelta(seconds=second)
    for event in road.all_events():  # what came late rings no bell
        if event.kind.startswith("device.") and event.at in arrived and arrived[event.at] - event.at > timedelta(300):
            assert event.payload.get("late", True), event
