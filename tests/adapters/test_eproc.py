"""Exports of E-Proc: read as JSON and CSV alike, refused with the place of the fault; signatures; the API's client."""

import json
import threading
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from immis.adapters.eproc import EprocForged, EprocUnreachable, EprocUnreadable, check_signature, read_export
from immis.adapters.eproc.http_client import HttpEproc
from immis.adapters.eproc.reading import export_csv, export_json
from immis.adapters.eproc.signing import new_key, sign, sign_shared
from immis.adapters.eproc.simulator import EprocSimulator, hold_auction
from immis.adapters.notices import SAMPLES, read_notice

PRIVATE, PUBLIC = new_key()
SHARED = "a-shared-key-of-some-length"
AUCTION = hold_auction(read_notice((SAMPLES / "munger_2026.txt").read_bytes(), filename="m.txt"), reference="EP-1")


def test_json_and_csv_carry_the_same_auction():
    assert read_export(export_json(AUCTION)) == AUCTION
    assert read_export(export_csv(AUCTION)) == AUCTION
    assert len(AUCTION.lots) == len(AUCTION.results) == 22 and len(AUCTION.entries) == 66


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("format",), "eproc-auction/9", "format"),
        (("lots", 3, "reserve_rupees"), -1, "lots[3]: reserve_rupees"),
        (("lots", 3, "reserve_rupees"), 1.5, "lots[3]: reserve_rupees"),
        (("lots", 0, "opens_at"), "2026-06-05T11:00:00", "lots[0]: opens_at"),
        (("bids", 7, "accepted"), "maybe", "bids[7]: accepted"),
        (("bids", 7, "bidder"), "B999", "bids[7]: ghat"),
        (("bids", 1, "number"), 1, "bids: a record stands twice"),
        (("results", 2, "result"), "won", "results[2]: result"),
        (("results", 2, "serial"), 1, "results: a record stands twice"),
        (("bidders", 0, "name_en"), "", "bidders[0]: name_en"),
        (("bidders", 0, "name_en"), "a\nb", "bidders[0]: name_en"),
        (("entries",), None, "entries is missing"),
        (("lots", 1), [], "lots[1]: not a record"),
    ],
)
def test_a_fault_is_named_with_its_place(path, value, place):
    body = json.loads(export_json(AUCTION))
    part = body
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(EprocUnreadable) as fault:
        read_export(json.dumps(body).encode())
    assert place in str(fault.value)


def test_a_csv_line_without_its_header_is_refused():
    content = export_csv(AUCTION).replace(b"#bid,", b"#bed,")
    with pytest.raises(EprocUnreadable, match="line "):
        read_export(content)


@given(st.binary(max_size=300))
def test_no_bytes_make_a_traceback(content):
    with pytest.raises(EprocUnreadable):
        read_export(content)


@given(st.integers(min_value=0), st.integers(0, 255))
def test_no_changed_byte_makes_a_traceback(place, byte):
    content = bytearray(export_csv(AUCTION))
    content[place % len(content)] = byte
    try:
        read_export(bytes(content))
    except EprocUnreadable:
        pass


def test_both_kinds_of_signature_are_known():
    content = export_json(AUCTION)
    ours = sign(content, private_key=PRIVATE)
    assert check_signature(content, ours, public_keys=[new_key()[1], PUBLIC]) == f"ed25519:{PUBLIC[:12]}"
    assert check_signature(content, f"{ours}\n", public_keys=[PUBLIC])
    assert check_signature(content, sign_shared(content, key=SHARED), shared_key=SHARED) == "hmac-sha256"


@pytest.mark.parametrize(
    ("signature", "keys"),
    [
        (sign(b"other", private_key=PRIVATE), {"public_keys": [PUBLIC]}),
        (sign(b"{}", private_key=PRIVATE), {"public_keys": [new_key()[1]]}),
        (sign(b"{}", private_key=PRIVATE), {}),
        (sign(b"{}", private_key=PRIVATE), {"public_keys": ["not a key"]}),
        (sign_shared(b"{}", key=""), {"shared_key": ""}),
        (sign_shared(b"{}", key="short"), {"shared_key": "short"}),
        (sign_shared(b"{}", key=SHARED).upper(), {"shared_key": SHARED}),
        ("ed25519:%%%", {"public_keys": [PUBLIC]}),
        ("none:", {"public_keys": [PUBLIC], "shared_key": SHARED}),
        ("", {"public_keys": [PUBLIC], "shared_key": SHARED}),
    ],
    ids=[
        "other words",
        "other key",
        "no key",
        "no real key",
        "empty",
        "short",
        "capitals",
        "no base64",
        "none",
        "nothing",
    ],
)
def test_a_signature_that_does_not_fit_is_refused(signature, keys):
    with pytest.raises(EprocForged):
        check_signature(b"{}", signature, **keys)


@pytest.fixture
def simulator():
    server = EprocSimulator("127.0.0.1", 0, token="t-1", private_key=PRIVATE)
    server.add(AUCTION)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_client_fetches_what_the_simulator_serves(simulator):
    client = HttpEproc(simulator.url, "t-1")
    assert client.ended() == ["EP-1"]
    signed = client.export("EP-1")
    assert check_signature(signed.content, signed.signature, public_keys=[PUBLIC])
    assert read_export(signed.content, filename=signed.filename) == AUCTION


def test_the_client_says_when_it_is_not_let_in_or_nothing_is_there(simulator):
    with pytest.raises(EprocUnreachable, match="401"):
        HttpEproc(simulator.url, "wrong").ended()
    with pytest.raises(EprocUnreachable, match="404"):
        HttpEproc(simulator.url, "t-1").export("EP-2")


def test_the_client_tries_again_and_survives_junk():
    answers = [httpx.Response(504), httpx.Response(200, text="<html>"), httpx.Response(200, json={"auctions": [{}]})]
    good = httpx.Response(200, json={"auctions": [{"reference": "EP-1"}, {"reference": "../../etc"}]})
    told = iter([*answers, good])
    client = HttpEproc("http://eproc", "", transport=httpx.MockTransport(lambda request: next(told)))
    for _ in range(2):
        with pytest.raises(EprocUnreachable):
            client.ended()
    assert client.ended() == ["EP-1"]
    silent = HttpEproc("http://eproc", "", transport=httpx.MockTransport(lambda request: httpx.Response(503)))
    with pytest.raises(EprocUnreachable, match="3 attempts"):
        silent.export("EP-1")


def test_the_simulated_auction_obeys_the_tender():
    for result in AUCTION.results:
        amounts = [bid.amount_rupees for bid in AUCTION.bids if bid.serial == result.serial]
        assert amounts == sorted(set(amounts)) and amounts[-1] == result.amount_rupees
    assert replace(AUCTION, reference="x") != AUCTION
