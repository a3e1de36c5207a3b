"""The close: computed from time, announced once; the audit document replays to the same winner, or is refused."""

import json
import random

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from immis.auctions import jobs, selectors, services
from immis.auctions.models import LotEvent, TechnicalBid
from immis.auctions.verifier import verify
from immis.auctions.verifier.signature import _ed25519_holds
from immis.commands.auctions.auction import command
from immis.core.errors import NotFound, Refusal
from immis.core.models import OutboxEvent
from immis.core.signing.keyring import b64, new_jwk
from immis.leases.models import Lease
from tests.auctions.season import CLOSES, MS, OPENS, RESERVE, STEP, published

pytestmark = pytest.mark.django_db
ONE = "MUN-2026-01"


@pytest.fixture
def sold(season, at, django_capture_on_commit_callbacks):
    """Lot 1 with an extension, a refused bid and a winner; lot 2 with one bidder; lot 3 with none."""
    season.bidder("asha", 1, 2, 3)
    season.bidder("bina", 1, 3)
    at.set(OPENS)
    season.bid("asha", 0)
    season.bid("asha", 1)
    season.bid("asha", 1, serial=2)
    at.set(CLOSES - MS)
    season.bid("bina", 2)
    at.set(season.lot().ends_at)
    with django_capture_on_commit_callbacks(execute=True):
        season.announced = jobs.announce_closed_lots(at=season.lot().ends_at)
    return season


_KEPT = []


@pytest.fixture
def content(request):
    """The audit document of lot 1; the season is played once for all tests that only read it."""
    if not _KEPT:
        request.getfixturevalue("sold")
        _KEPT.append(_document(request.getfixturevalue("data_dir")))
    return _KEPT[0]


def _document(data_dir):
    return published(data_dir, ONE).read_bytes()


def test_before_its_end_a_lot_is_not_announced(season, at):
    season.bidder("asha")
    at.set(CLOSES - MS)
    season.bid("asha")
    assert jobs.announce_closed_lots(at=CLOSES) == 2  # the two others end as scheduled; lot 1 goes on
    assert season.lot().result == "open"
    with pytest.raises(Refusal) as refused:
        services.announce_result(lot=season.lot(), at=season.lot().ends_at - MS)
    assert refused.value.findings[0].code == "AUC-02"


@pytest.mark.flow
def test_the_result_needs_no_scheduler(season, at):
    season.bidder("asha")
    season.bidder("bina")
    at.set(OPENS)
    season.bid("asha")
    assert selectors.lot_state(season.lot(), CLOSES - MS).phase == "running"
    assert selectors.lot_state(season.lot(), CLOSES).phase == "closed"
    outcome = selectors.outcome_of(season.lot(), CLOSES)
    assert (outcome.result, outcome.amount_rupees, outcome.winner.code) == ("sold", RESERVE + STEP, "asha")
    assert outcome.announced_at is None


@pytest.mark.flow
def test_each_lot_gets_its_own_result_once(sold, at):
    assert sold.announced == 3
    assert [sold.lot(serial).result for serial in (1, 2, 3)] == ["sold", "single_bid", "no_bids"]
    assert jobs.announce_closed_lots(at=CLOSES.replace(day=9)) == 0
    assert LotEvent.objects.filter(kind="closed").count() == 3
    events = OutboxEvent.objects.filter(kind="lot.closed").order_by("subject_id")
    assert [event.facts["result"] for event in events] == ["sold", "single_bid", "no_bids"]
    assert events[0].facts["winner"]["en"] == "Bina Sands" and events[0].facts["district"] == "Munger"
    assert [event.facts["winner_party_id"] for event in events[1:]] == [None, None]


def test_a_sold_lot_opens_its_settlement(sold):
    lease = Lease.objects.get()
    assert (lease.lot_code, lease.party.code, lease.bid_rupees) == (ONE, "bina", RESERVE + 2 * STEP)


def test_the_audit_document_replays_to_the_winner(sold, data_dir):
    report = verify(_document(data_dir))
    bid = TechnicalBid.objects.get(bidder__party__code="bina", lot__code=ONE)
    assert report.problems == []
    assert (report.result, report.winner, report.amount_rupees) == ("sold", bid.alias, RESERVE + 2 * STEP)
    assert (report.bids, report.refused, report.ends_at) == (2, 1, "2026-06-05T08:30:00+00:00")
    for serial, result in ((2, "single_bid"), (3, "no_bids")):
        other = verify(published(data_dir, f"MUN-2026-0{serial}").read_bytes())
        assert (other.problems, other.result, other.winner) == ([], result, None)


def test_the_head_is_signed_with_a_key_that_is_published(content, sold, data_dir, tmp_path):
    document, keys = json.loads(content), data_dir / "public" / "evidence-keys.json"
    run = CliRunner()
    other = run.invoke(command, ["verify", str(published(data_dir, ONE)), "--keys", str(keys), "--json"])
    assert other.exit_code == 0 and json.loads(other.output)["signed_by"] == sold.lot().signed_head["key"]["kid"]
    trusted = [document["signed"]["key"]["x"]]
    assert verify(content, trusted).ok and verify(content).ok and not verify(content, ["A" * 43]).ok
    unsigned = {name: value for name, value in document.items() if name != "signed"}
    spelled = (json.dumps(unsigned, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    assert verify(spelled).ok and not verify(spelled, trusted).ok
    stranger = Ed25519PrivateKey.generate()
    said = f"immis-auction-head/1\n{ONE}\n{document['head']}\n".encode()
    jwk = {name: value for name, value in new_jwk(stranger).items() if name != "d"}
    document["signed"] = {"key": jwk, "signature": b64(stranger.sign(said))}
    forged = (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    assert verify(forged).ok, "anybody can sign with a key of his own"
    assert verify(forged, trusted).problems == ["the head is signed with a key that is not among those given"]
    bad = tmp_path / "bad.json"
    bad.write_text("[]")
    assert run.invoke(command, ["verify", str(published(data_dir, ONE)), "--keys", str(bad)]).exit_code == 2


def test_ed25519_of_the_replay_agrees_with_the_library():
    chance = random.Random(8032)
    for _ in range(12):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        key, said = private.public_key().public_bytes_raw(), chance.randbytes(chance.randint(0, 90))
        good = private.sign(said)
        assert _ed25519_holds(key, good, said)
        place, bit = chance.randrange(64), 1 << chance.randrange(8)
        bad = good[:place] + bytes([good[place] ^ bit]) + good[place + 1 :]
        assert not _ed25519_holds(key, bad, said) and not _ed25519_holds(key, good, said + b".")
    high = good[:32] + (int.from_bytes(good[32:], "little") + 2**252 + 27742317777372353535851937790883648493).to_bytes(
        32, "little"
    )
    assert not _ed25519_holds(key, high, said), "one signature has one spelling"


def test_only_the_winner_is_named_in_it(content):
    text = content.decode()
    assert "Bina Sands" in text and "Asha" not in text and "asha" not in text


def test_any_changed_byte_is_found(content):
    chance = random.Random(61)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] = chance.choice([one for one in b'019azAZ "{},:\n' if one != changed[place]])
        assert not verify(bytes(changed)).ok, (
            f"byte {place}: {content[place : place + 1]!r} -> {changed[place : place + 1]!r}"
        )


def _rehashed(document, change):
    """A forger who recomputes every hash after the change: only the rules can find him."""
    from immis.core.services import link_hash

    change(document["events"])
    prev_hash = "0" * 64
    for seq, event in enumerate(document["events"], 1):
        event["seq"] = seq
        body = {name: value for name, value in event.items() if name not in ("prev_hash", "hash")}
        event["prev_hash"], event["hash"] = prev_hash, link_hash(prev_hash, body)
        prev_hash = event["hash"]
    document["head"] = prev_hash
    return (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _set(place, name, value):
    return lambda events: events[place].__setitem__(name, value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_set(0, "amount_rupees", RESERVE + 1), "whole increments"),
        (_set(2, "amount_rupees", RESERVE), "does not exceed"),
        (_set(0, "at", "2026-06-05T05:29:59.999000+00:00"), "outside the window"),
        (_set(2, "at", "2026-06-05T05:00:00+00:00"), "time lies before"),
        (_set(3, "ends_at", "2026-06-05T09:30:00+00:00"), "no bid in the last minutes"),
        (lambda events: events.pop(3), "not followed by its extension"),
        (lambda events: events.pop(2), "stated as"),
        (_set(-1, "result", "no_bids"), "stated as"),
        (_set(-1, "winner", None), "named winner"),
        (_set(-1, "passed", []), "not among"),
        (_set(0, "kind", "bid_refused"), "valid bid was refused"),
        (_set(0, "kind", "gift"), "unknown kind"),
        (lambda events: events.pop(), "closing event"),
    ],
)
def test_a_forger_who_recomputes_the_chain_is_found_by_the_rules(content, change, said):
    assert verify(_rehashed(json.loads(content), lambda events: None)).ok
    report = verify(_rehashed(json.loads(content), change))
    assert any(said in problem for problem in report.problems), report.problems


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"null",
        b'{"format": 1}',
        b"[" * 3000,
        b'{"events": [], "format": "immis-auction-audit/1"}',
    ],
)
def test_what_is_no_audit_document_is_refused_without_a_traceback(content):
    assert not verify(content).ok


def test_the_command_says_so_in_both_languages(sold, data_dir, tmp_path):
    good, bad = published(data_dir, ONE), tmp_path / "bad.json"
    bad.write_bytes(_document(data_dir).replace(b'"sold"', b'"open"'))
    run = CliRunner()
    hindi = run.invoke(command, ["verify", str(good)])
    assert hindi.exit_code == 0 and "पुनर्गणना दस्तावेज से मेल खाती है" in hindi.output
    english = run.invoke(command, ["verify", str(bad), "--lang", "en"])
    assert english.exit_code == 1 and "does NOT hold" in english.output
    answer = run.invoke(command, ["verify", str(good), "--json"])
    assert json.loads(answer.output)["ok"] is True
    assert run.invoke(command, ["verify", str(tmp_path / "none.json")]).exit_code == 2


def test_a_lost_audit_document_is_written_again(sold, data_dir):
    before = _document(data_dir)
    published(data_dir, ONE).unlink()
    jobs.announce_closed_lots(at=CLOSES.replace(day=9))
    assert _document(data_dir) == before


def test_a_running_lot_has_no_audit_document(season, at):
    season.bidder("asha")
    at.set(OPENS)
    season.bid("asha")
    with pytest.raises(NotFound):
        selectors.audit_document(season.lot())


@pytest.mark.parametrize("seed", range(3))
def test_whatever_bidders_do_the_independent_replay_agrees(
    season, at, data_dir, django_capture_on_commit_callbacks, seed
):
    """Random bids at random times, early, late, repeated and misread: three lots each, replayed by other code."""
    chance = random.Random(seed)
    names = ["asha", "bina", "chand"]
    for name in names:
        season.bidder(name, 1, 2, 3)
    minute, now = CLOSES - OPENS, OPENS - 60_000 * MS
    while now < CLOSES + minute:
        at.set(now)
        seen = season.lot(serial := chance.randint(1, 3)).highest_rupees or 0
        expected = chance.choice([None, seen, max(0, seen - STEP), seen + chance.choice([0, 1])])
        season.bid(chance.choice(names), chance.randint(0, 3), serial=serial, expected_highest=expected)
        now += chance.choice([1, 1_000, 60_000, 400_000, 1_500_000]) * MS
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.announce_closed_lots(at=now) == 3
    for serial in (1, 2, 3):
        lot = season.lot(serial)
        report = verify(published(data_dir, lot.code).read_bytes())
        assert report.problems == []
        assert (report.result, report.amount_rupees) == (lot.result, lot.highest_rupees)
        assert report.events == lot.seq


def test_a_bid_after_the_announcement_is_answered_and_leaves_the_sealed_chain_as_it_is(sold, at, data_dir):
    before = _document(data_dir)
    at.set(CLOSES.replace(day=9))
    answer = sold.bid("asha", key="much-too-late")
    assert not answer.accepted and [one.code for one in answer.findings] == ["AUC-02"]
    assert selectors.audit_document(sold.lot()) == before


def test_a_hash_from_the_mail_that_is_not_in_the_chain_is_told(sold, data_dir):
    told = CliRunner().invoke(command, ["verify", str(published(data_dir, ONE)), "--anchor", "0" * 64])
    assert told.exit_code == 1 and "0" * 64 in told.output
