"""The challan of the origin before a pass: by its signature, at its portal with all its failures, by paper (A-25)."""

import json
import threading
from datetime import date

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from immis.adapters.origins.simulator import OriginSimulator
from immis.adapters.vahan.simulator import TransportSimulator
from immis.core.errors import Refusal
from immis.registry.models import Vehicle
from immis.transit.models import TransitPass
from immis.transit.ready import READY, readiness, status
from tests.settlement import treasury, world
from tests.transit.loads import NOON, TRUCK, asked, load, ready, registered, switched_on, truck

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db


def _serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def portal(settings):
    server = OriginSimulator("127.0.0.1", 0, key="k")
    settings.ISTP_PORTALS, settings.ISTP_PORTAL_KEY = f"JH={server.url}, XX=http://nowhere", "k"
    yield from _serving(server)


@pytest.fixture
def vahan(settings):
    server = TransportSimulator("127.0.0.1", 0, key="k")
    settings.VAHAN_URL, settings.VAHAN_KEY = server.url, "k"
    yield from _serving(server)


@pytest.fixture
def signer(settings, tmp_path):
    """The private key of Uttar Pradesh, whose public one lies in the folder."""
    key = Ed25519PrivateKey.generate()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "UP.pem").write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, form))
    settings.ISTP_KEYS = str(tmp_path)
    return key


def there(row, **more):
    """A load as its State has it."""
    units = {"t": "MT", "m3": "CUM"}
    known = {
        "number": row.origin_number, "vehicle": row.mark, "mineral": row.mineral, "quantity": str(row.quantity),
        "unit": units[row.unit], "issued_at": row.origin_issued_at.isoformat(),
        "valid_until": row.origin_until.isoformat(), "status": "ACTIVE",
    }  # fmt: skip
    return {**known, **more}


def why(world, **more):
    with pytest.raises(Refusal) as caught:
        asked(world, **more)
    return [(row.code, row.facts.get("why")) for row in caught.value.findings]


@pytest.mark.flow
def test_a_portal_that_answers_needs_no_paper_and_its_word_counts(world, portal):
    ready(world)
    assert why(world, content=b"") == [("IST-06", "unknown")]
    portal.take({"challan": there(load())})
    assert asked(world, content=b"").checked_how == "portal"
    for number, more, reason in (
        ("N1", {"vehicle": "JH05AB9999"}, "vehicle"),
        ("N2", {"quantity": "30"}, "quantity"),
        ("N3", {"unit": "CUM"}, "unit"),
        ("N4", {"valid_until": "2026-07-03T14:00:00+05:30"}, "valid_until"),
        ("N5", {"status": "CANCELLED"}, "cancelled"),
    ):
        portal.take({"challan": there(load(origin_number=number), **more)})
        assert why(world, origin_number=number) == [("IST-06", reason)]
    assert TransitPass.objects.count() == 1


@pytest.mark.flow
def test_a_portal_that_is_silent_stops_nobody_who_hands_in_the_paper(world, portal):
    ready(world)
    portal.take({"mood": "down"})
    assert why(world, content=b"") == [("IST-06", "paper")]
    row = asked(world)
    assert row.checked_how == "paper" and row.document
    portal.take({"mood": "junk"})
    assert asked(world, origin_number="N9").checked_how == "paper"


@pytest.mark.flow
def test_a_signature_goes_before_all_and_a_forged_one_is_none(world, signer):
    ready(world)
    row = load(origin_state="UP", origin_number="UP1")
    text = jwt.api_jws.encode(json.dumps(there(row)).encode(), signer, algorithm="EdDSA")
    made = asked(world, origin_state="UP", origin_number="UP1", text=text, content=b"")
    assert made.checked_how == "signature" and made.checked_facts["number"] == "UP1"
    other = jwt.api_jws.encode(json.dumps(there(row)).encode(), Ed25519PrivateKey.generate(), algorithm="EdDSA")
    assert why(world, origin_state="UP", origin_number="UP2", text=other) == [("IST-06", "forged")]
    assert why(world, origin_state="UP", origin_number="UP3", text=text) == [("IST-06", "number")]


@pytest.mark.flow
def test_vahan_sees_a_truck_that_nobody_has_seen(world, vahan):
    switched_on(world)
    registered(world)
    truck(world, seen=False)
    assert why(world) == [("IST-07", "unseen")]
    vahan.take({"vehicle": {"rc_regn_no": TRUCK, "rc_status": "ACTIVE", "rc_vh_class_desc": "Goods Carrier"}})
    assert asked(world).vehicle.checked_how == "vahan"
    assert Vehicle.objects.get(registration=TRUCK).checked_how == "vahan"


@pytest.mark.flow
def test_an_order_number_is_given_once(world):
    switched_on(world)
    with pytest.raises(Refusal) as caught:
        switched_on(world, on=date(2026, 7, 4))
    assert [row.facts["why"] for row in caught.value.findings] == ["twice"]


def test_the_readiness_says_what_is_set_and_what_is_missing(world, portal, signer, at):
    at.set(NOON)
    lines = {line.code: line for line in readiness(NOON)}
    assert lines["origins"].state == READY and lines["origins"].now == "JH, UP"
    assert lines["rehearsal"].state == "missing" and lines["check_posts"].state == "missing"
    assert lines["figures"].state == "weak", "a newspaper is no gazette"
    payload = status(NOON)
    assert (payload["in_force"], payload["ready"], payload["switch"]["state"]) == (False, False, "none")
    switched_on(world)
    assert status(NOON)["switch"] == {"state": "in_force", "order_no": "HQ/ISTP/1", "starts_on": "2026-07-03"}
