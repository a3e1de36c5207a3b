"""The challan of another State: by its signature, at its portal, and all that a portal does wrong."""

import json
import threading
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from immis.adapters.origins.http_client import HttpOrigin
from immis.adapters.origins.port import OriginForged, OriginSilent, OriginUnknown, read_record
from immis.adapters.origins.signature import SignedOrigin
from immis.adapters.origins.simulator import OriginSimulator

CHALLAN = {
    "number": "JH/1", "vehicle": "JH 05-AB 1234", "mineral": "Stone", "quantity": "20.500", "unit": "MT",
    "issued_at": "2026-07-01T06:00:00+05:30", "valid_until": 1782950400, "status": "active",
}  # fmt: skip
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
PRIVATE = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def signed(body=CHALLAN, key=PRIVATE, algorithm="EdDSA"):
    return jwt.api_jws.encode(json.dumps(body).encode(), key, algorithm=algorithm)


@pytest.fixture
def portal():
    server = OriginSimulator("127.0.0.1", 0, key="k")
    server.take({"challan": CHALLAN})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_portal_answers_in_our_words(portal):
    record = HttpOrigin(portal.url, "k").challan("JH/1")
    assert (record.number, record.vehicle, record.quantity) == ("JH/1", "JH05AB1234", Decimal("20.500"))
    assert (record.unit, record.cancelled) == ("t", False)
    assert record.issued_at == datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
    assert record.valid_until == datetime.fromtimestamp(1782950400, UTC)
    portal.take({"challan": {**CHALLAN, "status": "Cancelled", "unit": "CUM"}})
    assert (HttpOrigin(portal.url, "k").challan("JH/1").cancelled, read_record({**CHALLAN, "unit": "CUM"}).unit) == (
        True,
        "m3",
    )
    with pytest.raises(OriginUnknown):
        HttpOrigin(portal.url, "k").challan("JH/2")


@pytest.mark.parametrize("mood", ["down", "junk"])
def test_a_portal_in_a_bad_mood_is_silent(portal, mood):
    portal.take({"mood": mood})
    with pytest.raises(OriginSilent):
        HttpOrigin(portal.url, "k").challan("JH/1")
    portal.take({"mood": "contradicting"})
    assert HttpOrigin(portal.url, "k").challan("JH/1").vehicle == "JH05AB123X"


def test_a_wrong_key_or_a_slow_portal_is_silent(portal):
    with pytest.raises(OriginSilent):
        HttpOrigin(portal.url, "wrong").challan("JH/1")

    def slow(request):
        raise httpx.ReadTimeout("slow")

    with pytest.raises(OriginSilent):
        HttpOrigin("https://example.invalid", "k", transport=httpx.MockTransport(slow)).challan("JH/1")


@pytest.mark.parametrize(
    "body",
    [{}, {"number": ""}, {**CHALLAN, "quantity": "NaN"}, {**CHALLAN, "quantity": "-1"}, {**CHALLAN, "issued_at": "x"},
     {**CHALLAN, "valid_until": 1e300}, {**CHALLAN, "issued_at": "2026-07-01T06:00:00"}],
)  # fmt: skip
def test_what_cannot_be_read_is_no_challan(body):
    assert read_record(body) is None
    answer = httpx.MockTransport(lambda request: httpx.Response(200, json=body))
    with pytest.raises(OriginSilent):
        HttpOrigin("https://example.invalid", "k", transport=answer).challan("JH/1")


def test_a_signature_is_that_of_the_state_or_none():
    assert SignedOrigin(PUBLIC).read(signed()).number == "JH/1"
    other = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    head, body, mark = signed().split(".")
    none = signed(key=None, algorithm="none")
    for text in (signed(key=other), f"{head}.{body[:-2]}AA.{mark}", none, "", "a.b.c", "x" * 5000, signed({"a": 1})):
        with pytest.raises(OriginForged):
            SignedOrigin(PUBLIC).read(text)
    with pytest.raises(OriginForged):
        SignedOrigin(b"no key").read(signed())


@given(st.text(max_size=300))
def test_no_text_at_all_breaks_the_check(text):
    with pytest.raises(OriginForged):
        SignedOrigin(PUBLIC).read(text)
