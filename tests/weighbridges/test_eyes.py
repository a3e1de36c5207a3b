"""Cameras and readers beside a weighbridge: pictures are evidence, another truck that was seen is flagged."""

import io
import json
import threading
from datetime import timedelta

import pytest
from PIL import Image

from immis.adapters.eyes.http_client import HttpCamera, HttpReader
from immis.adapters.eyes.simulator import EyesSimulator
from immis.agent.signed import Key
from immis.agent.work import Home
from immis.commands.weighbridge.eyes import Eyes
from immis.weighbridges.models import Sighting, WeighmentPhoto
from immis.weighbridges.services import pairing
from tests.challans.world import INSIDE, NOON
from tests.doors.scale import Software
from tests.weighbridges.test_readings import said

SECOND = timedelta(seconds=1)


def picture(colour="red", form="JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, form)
    return out.getvalue()


def photo(software, post, counter, content, **more):
    headers = {"Immis-Signature": more.get("signature", software.sign(content))}
    return post(f"/api/v1/weighbridges/{software.device}/readings/{counter}/photo", content, headers)


@pytest.fixture
def post(client):
    """Send bytes to the API as a program does."""
    return lambda address, body, headers: client.post(address, body, content_type="application/json", headers=headers)


def test_pictures_are_kept_with_their_weighment_and_hostile_ones_refused(world, software, post):
    world.report(NOON, INSIDE)
    software.send([software.weigh(NOON)], NOON)
    first = photo(software, post, 1, picture())
    assert first.status_code == 201
    assert photo(software, post, 1, picture()).json()["sha256"] == first.json()["sha256"]
    assert {photo(software, post, counter, picture()).status_code for counter in (2, 10**30)} == {404}
    assert photo(software, post, 1, picture("blue"), signature="AAAA").status_code == 401
    for hostile in (
        b"",
        b"\xff\xd8\xff no picture",
        picture()[:40],
        b"%PDF-1.7",
        picture(form="BMP"),
        b"x" * 1_100_000,
    ):
        assert photo(software, post, 1, hostile).status_code == 409, hostile[:20]
    for colour in ("green", "blue"):
        assert photo(software, post, 1, picture(colour)).status_code == 201
    assert photo(software, post, 1, picture("white")).status_code == 409
    assert WeighmentPhoto.objects.count() == 3


@pytest.mark.flow
def test_a_reader_that_saw_another_truck_flags_the_weighment(world, software):
    world.report(NOON, INSIDE)
    seen = {"at": (NOON - 5 * SECOND).isoformat(), "kind": "plate", "value": "BR 08 G 9999"}
    assert software.post("sightings", {"sightings": [seen]}).json()["taken"] == 1
    assert software.post("sightings", {"sightings": [seen]}).json()["taken"] == 0
    other = software.send([software.weigh(NOON)], NOON)
    assert said(other) == [(1, "WB-30", False)] and "BR08G9999" in other.json()["findings"][0]["message"]["en"]
    tag = {"at": NOON.isoformat(), "kind": "rfid", "value": "E200-34", "plate": "BR08G1234"}
    assert software.post("sightings", {"sightings": [tag]}).status_code == 200
    assert said(software.send([software.weigh(NOON + SECOND)], NOON + SECOND)) == []
    for hostile in (
        {},
        {"sightings": []},
        {"sightings": [{**seen, "kind": "nose"}]},
        {"sightings": [{**seen, "at": "x"}]},
    ):
        assert software.post("sightings", hostile).status_code == 422
    assert Sighting.objects.count() == 2


@pytest.fixture
def gate():
    """Camera and reader of a gate."""
    server = EyesSimulator("127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_camera_and_reader_hand_over_with_the_agents_key(world, bridge, post, gate, tmp_path):
    code = pairing.make_code(bridge=bridge, by=world.actor, at=NOON).pair_code
    home, key = Home(tmp_path), Key.kept_in(tmp_path / "device.key")
    software = {"name": "immis-agent", "version": "1.0.0", "kind": "agent"}
    asked = {"code": code, "public_key": key.public, "software": software, "at": NOON.isoformat()}
    device = post("/api/v1/weighbridges/pair", json.dumps(asked).encode(), {}).json()["device"]
    home.store.begin({"url": "", "device": device, "key": "device.key"}, None)
    answers = []

    def send(address, content):
        headers = {"Immis-Signature": key.sign(content)}
        answers.append(post(f"/api/v1/weighbridges/{device}/{address}", content, headers))
        return answers[-1].status_code

    eyes = Eyes(home, send, HttpCamera(f"{gate.url}/snapshot.jpg"), HttpReader(gate.url))
    world.report(NOON, INSIDE)
    assert eyes.turn() == 0
    gate.take({"glance": {"kind": "plate", "value": "BR 08 G 9999", "at": NOON.isoformat()}})
    chained = ("counter", "previous", "signature")
    values = {name: value for name, value in Software(None).weigh(NOON).items() if name not in chained}
    reading = home.store.take(key, values)
    assert eyes.turn() == 1, "what the reader saw goes at once, the picture waits for its weighment"
    send("readings", json.dumps({"sent_at": NOON.isoformat(), "readings": [reading]}).encode())
    assert said(answers[-1]) == [(1, "WB-30", False)]
    home.store.taken(1, [])
    gate.mood = "down"
    assert eyes.turn() == 1 and eyes.turn() == 0
    assert WeighmentPhoto.objects.get().reading.counter == 1 and not list(eyes.pictures.glob("*.jpg"))
    home.close()
