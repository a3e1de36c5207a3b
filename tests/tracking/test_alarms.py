"""An alarm rings on the screens of those who may see the vehicle, at once, and on no others."""

import asyncio
from datetime import timedelta

import pytest
from django.test import Client

from immis import clock
from immis.core.access.permissions import Actor
from immis.gateway.state.events import NewEvent
from immis.live import alarms as streams
from immis.live.hub import Hub
from immis.live.reader import Reader
from immis.live.server import Stream
from immis.registry import services as registry
from immis.tracking import alarms
from immis.tracking.alarms import alarms_after, recent_alarms, sees_by
from tests.challans import world as made
from tests.challans.world import IMEI, NOON

HQ = Actor(role="hq", user_id=1)
FAR = Actor(role="district", user_id=2, district="Patna")


def rung(kind="device.emergency", *, imei=IMEI, at=NOON, **payload):
    said = {"late": False, "evidence": {"lat": 25.305, "lon": 86.505}, **payload}
    return NewEvent(kind, imei, "BR99X9999", at.timestamp(), at.timestamp(), said)


def test_who_hears_what(world):
    """The State hears all, a district its vehicles; history and announced work ring nowhere."""
    world.report(NOON)
    world.tell(
        rung(), rung("device.tamper", signal="cover_opened", grade="strong"), rung("device.login"), rung(late=True),
        rung(imei="860000000000001"),
    )  # fmt: skip
    last, found = alarms_after(0)
    assert last == alarms.newest_event() == 5
    assert [(one.kind, one.registration, one.signal) for one in found] == [
        ("device.emergency", "BR08G1234", ""), ("device.tamper", "BR08G1234", "cover_opened"),
        ("device.emergency", "", ""),
    ]  # fmt: skip
    assert [len([one for one in found if sees_by(who)(one)]) for who in (HQ, world.district, FAR)] == [3, 2, 0]
    assert [one.seq for one in recent_alarms(world.district, upto=5, at=NOON)] == [1, 2]
    assert recent_alarms(world.district, upto=5, at=NOON + timedelta(hours=1)) == []


class Screen:
    """A browser's end of a stream."""

    def __init__(self, port: int, cookie: str):
        self.port, self.cookie, self.head = port, cookie, b""

    async def open(self) -> "Screen":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        ask = f"GET /events/alarms HTTP/1.1\r\nHost: x\r\nCookie: a=b; sessionid={self.cookie}\r\n\r\n"
        self.writer.write(ask.encode())
        self.head = await self.reader.readuntil(b"\r\n\r\n")
        return self

    async def next_alarm(self) -> bytes:
        async with asyncio.timeout(10):
            while not (line := await self.reader.readline()).startswith(b'data: {"seq"'):
                assert line, "the stream has ended"
            return line

    async def ended(self) -> None:
        async with asyncio.timeout(10):
            while await self.reader.read(4096):
                pass


def signed_in(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


@pytest.fixture
def installed(own_database, data_dir, at, django_db_blocker, monkeypatch):
    monkeypatch.setattr(streams, "WHO_S", 0.05)
    with django_db_blocker.unblock():
        at.set(NOON)
        world = made.build(data_dir)
        world.report(NOON)
        world.tell(rung("device.power_cut", at=NOON - timedelta(minutes=1)))
        patna = registry.open_office(code="dmo-patna", kind="district", name_en="P", name_hi="प", district="Patna")
        far = made.officer_in(patna, "district", "far")
        yield world, {"near": world.officer, "far": far, "settlee": world.settlee}


def test_a_stream_tells_its_reader_and_ends_with_the_login(installed):
    world, users = installed
    cookies = {name: signed_in(user) for name, user in users.items()}

    async def story():
        reader = Reader()
        hub, watched = Hub(reader), streams.Alarms(reader)
        server = await asyncio.get_running_loop().create_server(lambda: Stream(hub, watched, 10), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        for nobody in ("", "x" * 32, cookies["settlee"]):
            assert (await Screen(port, nobody).open()).head.startswith(b"HTTP/1.1 401")
        near, far = [await Screen(port, cookies[name]).open() for name in ("near", "far")]
        assert near.head.startswith(b"HTTP/1.1 200")
        assert b'"device.power_cut"' in await near.next_alarm()  # what was told before it looked
        await asyncio.to_thread(world.tell, rung("device.tamper", signal="cover_opened", grade="strong"))
        told = await near.next_alarm()
        assert b'"registration":"BR08G1234"' in told and b'"cover_opened"' in told
        assert len(watched.watchers) == 2
        await asyncio.to_thread(Client(headers={"cookie": f"sessionid={cookies['near']}"}).post, "/logout")
        await near.ended()
        far.writer.close()
        while watched.watchers:
            await asyncio.sleep(0.01)
        assert b"alarm" not in far.reader._buffer
        server.close()
        reader.rest()

    asyncio.run(story())
    assert clock.data_dir() == world.data
