"""The gateway and the declarations of its news: every field that it tells is declared, and nothing else is."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from immis.core.events import check, declared
from immis.gateway.protocols.encode import encode_emergency, encode_login, encode_position
from immis.gateway.store.outbox import GatewayEvent
from immis.gateway.tolerances import FLOOD_QUIET_S
from tests.gateway.test_gateway_history import drives, play, settle
from tests.gateway.test_gateway_links import THEIRS, connect, invented, send
from tests.gateway.test_gateway_pipeline import IMEI, SNAPSHOT, T0, Road

TAMPER = {"type_code": "TA", "alert": 9}


def _history(folder) -> Iterator[GatewayEvent]:
    """A truck whose packets come out of order: trips and signals are told, amended and taken back."""
    chance = random.Random(3)
    reports = drives(Road(folder / "made"), chance)
    for at, change in ((20, TAMPER), (60, {"main_power": False, "alert": 3}), (90, {"main_power": True, "alert": 6})):
        reports[at : at + 3] = [replace(one, **change) for one in reports[at : at + 3]]
    deliveries = [(one, 7200 + n, 1) for n, one in enumerate(chance.sample(reports, len(reports)))]
    yield from play(folder / "mixed", deliveries).all_events()


def _strangers(folder) -> Iterator[GatewayEvent]:
    """A hundred devices that nobody fitted, from one address; one logs in."""
    road = Road(folder, SNAPSHOT | {"networks": ["10.64.0.0/10"]})
    connect(road, 1, THEIRS)
    for n in range(100):
        send(road, 1, n / 60, frame_no=1, imei=invented(n), **TAMPER)
    road.bytes(encode_login(imei=IMEI, vehicle="BR08G1234"), at=T0 + timedelta(minutes=3))
    road.pipeline.flush_waiting((T0 + timedelta(seconds=200 + FLOOD_QUIET_S)).timestamp())
    road.pipeline.commit()
    yield from road.all_events()


def _emergency(folder) -> Iterator[GatewayEvent]:
    road = Road(folder)
    report = road.report(0, 86.45)
    road.bytes(encode_emergency(report), at=report.at)
    road.bytes(encode_position(replace(report, type_code="EA", alert=10, emergency=True)), at=report.at)
    settle(road)
    yield from road.all_events()


@pytest.mark.parametrize(
    ("tell", "kinds"),
    [
        (_history, {"trip.completed", "event.withdrawn", "vehicle.left_fence", "device.tamper"}),
        (_strangers, {"device.unknown", "device.login", "device.network", "gateway.flood", "gateway.flood_ended"}),
        (_emergency, {"device.emergency"}),
    ],
)
def test_what_the_gateway_tells_is_declared_field_by_field(tmp_path, tell, kinds):
    seen = set()
    for told in tell(tmp_path):
        common = {"seq": told.seq, "imei": told.imei, "registration": "", "claimed_registration": told.vehicle}
        at = datetime.now(UTC)
        payload = declared(told.kind).of({**told.payload, **common, "seen_at": at, "received_at": at})
        assert payload.more == {}, f"{told.kind} carries {sorted(payload.more)}, which tracking/events.py does not name"
        check(payload, ("device", told.imei))
        seen.add(told.kind)
    assert seen >= kinds
