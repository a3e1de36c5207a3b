"""The signed pass: three questions apart, nothing unproven shown, nothing changed unnoticed."""

import base64
import json
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import base45
import cbor2
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cwt import COSE, COSEKey
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from immis.challans.signed import keys
from immis.challans.signed.checking import Verdict, verify_pass
from immis.challans.signed.facts import MAX_NAME_CHARS, PassFacts
from immis.challans.signed.lists import ListUnusable, b64, read_cancelled_list, read_key_list, unb64
from immis.challans.signed.qr import ImageUnusable, qr_png, qr_svg, qr_version, read_qr
from immis.challans.signed.signing import Signer, sign_pass
from immis.challans.signed.text import MAX_TEXT_CHARS, small_form
from immis.challans.signed.words import REASONS
from immis.commands.road.pass_ import command

ISSUED = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)
BASE = "https://khanan.example.in"
FACTS = PassFacts(
    number="MUN-2026-000123",
    pass_id=bytes.fromhex("00a1b2c3d4e5f607"),
    vehicle="BR08G1234",
    mineral="बालू",
    quantity_m3=Decimal("8.5"),
    weight_kg=13_600,
    source_name="Block-1 A",
    source_lat=25.375125,
    source_lon=86.470033,
    lease_number="MUN/L/2026/01",
    destination="जमालपुर",
    distance_km=Decimal("42.7"),
    issued_at=ISSUED,
    valid_until=ISSUED + timedelta(hours=6),
    settlee="Ganga Sand",
)


class Issuer:
    """A department with keys in a folder, a pass issued by it, and its key list."""

    def __init__(self, data_dir: Path):
        self.data_dir = data_dir
        self.signer = keys.load_signer(data_dir, at=ISSUED)
        self.url = sign_pass(FACTS, key=self.signer, base_url=BASE)
        self.small = small_form(self.url)
        self.keys = keys.public_key_list(data_dir, at=ISSUED)

    def check(self, text: str, *, at: datetime = ISSUED + timedelta(hours=1), cancelled: dict | None = None) -> Verdict:
        return verify_pass(text, keys=self.keys, cancelled=cancelled, at=at)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("office"))


def raw_of(issuer: Issuer) -> bytes:
    return base45.b45decode(issuer.small.removeprefix("IM1:"))


def carry(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def handmade(signer: Signer, *, protected: dict, payload: bytes, unprotected: dict | None = None) -> str:
    """A token signed by the true key but with headers of the test's choice."""
    public = signer.public_key.public
    key = COSEKey.new({1: 1, 2: signer.kid, -1: 6, -2: public, -4: signer.private})
    raw = COSE.new(deterministic_header=True).encode_and_sign(
        payload, key, protected=protected, unprotected=unprotected or {}
    )
    return carry(raw)


def payload_of(issuer: Issuer) -> bytes:
    return cbor2.loads(raw_of(issuer)).value[2]


# Genuine


def test_a_pass_says_what_was_signed(issuer: Issuer) -> None:
    verdict = issuer.check(issuer.url)
    assert (verdict.genuine, verdict.in_time, verdict.cancelled, verdict.reason) == (True, True, None, "ok")
    assert verdict.pass_facts == FACTS
    assert verdict.good


def test_every_way_to_carry_a_pass_gives_the_same_verdict(issuer: Issuer) -> None:
    fragment = issuer.url.partition("#")[2]
    forms = [issuer.url, issuer.small, fragment, f"#{fragment}", f"{issuer.url}\n", f" {issuer.small}\r\n"]
    assert {issuer.check(form) for form in forms} == {issuer.check(issuer.url)}


def test_a_pass_of_the_small_form_from_the_start(issuer: Issuer) -> None:
    text = sign_pass(FACTS, key=issuer.signer)
    assert text.startswith("IM1:")
    assert issuer.check(text).pass_facts == FACTS


def test_a_pass_without_weight(issuer: Issuer) -> None:
    facts = replace(FACTS, weight_kg=None)
    assert issuer.check(sign_pass(facts, key=issuer.signer)).pass_facts == facts


def test_long_names_are_shortened_but_codes_are_not(issuer: Issuer) -> None:
    text = sign_pass(replace(FACTS, settlee="गंगा " * 40), key=issuer.signer, base_url=BASE)
    shown = issuer.check(text).pass_facts
    assert shown is not None and len(shown.settlee) <= MAX_NAME_CHARS and shown.settlee.endswith("…")
    with pytest.raises(ValueError, match="vehicle"):
        sign_pass(replace(FACTS, vehicle="X" * 80), key=issuer.signer)


@pytest.mark.parametrize(
    "odd",
    [
        {"pass_id": b"short"},
        {"issued_at": datetime(2026, 6, 5, 5, 30)},  # noqa: DTZ001
        {"valid_until": ISSUED},
        {"quantity_m3": Decimal("1.2345")},
        {"quantity_m3": Decimal("-1")},
        {"quantity_m3": Decimal("NaN")},
        {"number": ""},
    ],
)
def test_facts_that_fit_no_pass_are_refused(issuer: Issuer, odd: dict) -> None:
    with pytest.raises((ValueError, TypeError)):
        sign_pass(replace(FACTS, **odd), key=issuer.signer)


@settings(max_examples=60, deadline=None)
@given(
    number=st.from_regex(r"[A-Z0-9/-]{1,30}", fullmatch=True),
    names=st.tuples(*[st.text(st.characters(codec="utf-8"), max_size=8)] * 3),
    litres=st.integers(0, 10**9),
    weight=st.none() | st.integers(0, 10**6),
    micro=st.tuples(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000)),
)
def test_any_facts_come_back_as_signed(issuer: Issuer, number, names, litres, weight, micro) -> None:
    facts = replace(
        FACTS,
        number=number,
        settlee=names[0],
        destination=names[1],
        source_name=names[2],
        quantity_m3=Decimal(litres) / 1000,
        weight_kg=weight,
        source_lat=micro[0] / 1_000_000,
        source_lon=micro[1] / 1_000_000,
    )
    assert issuer.check(sign_pass(facts, key=issuer.signer, base_url=BASE)).pass_facts == facts


def test_no_pass_carries_the_imei_of_its_device(issuer: Issuer) -> None:
    """Whoever reads a pass could otherwise speak for the device of its vehicle."""
    text = sign_pass(replace(FACTS, imei="012345678901234"), key=issuer.signer, base_url=BASE)
    verdict = issuer.check(text)
    assert verdict.genuine and verdict.pass_facts == FACTS and verdict.pass_facts.imei == ""
    raw = base45.b45decode(small_form(text).removeprefix("IM1:"))
    assert cbor2.dumps(12345678901234) not in raw and b"12345678901234" not in raw


def test_an_old_pass_with_its_imei_is_still_good(tmp_path: Path) -> None:
    """A pass as it was printed before, by file and by command."""
    old = json.loads((Path(__file__).parent / "passes" / "with_imei.json").read_text())
    verdict = verify_pass(old["text"], keys=old["keys"], at=ISSUED + timedelta(hours=1))
    assert verdict.good and verdict.pass_facts == replace(FACTS, number="MUN/2026/000123", imei="012345678901234")
    (tmp_path / "keys.json").write_text(json.dumps(old["keys"]))
    at = (ISSUED + timedelta(hours=1)).isoformat()
    args = ["verify", old["text"], "--keys", str(tmp_path / "keys.json"), "--at", at, "--json"]
    answer = CliRunner().invoke(command, args)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["pass"]["imei"] == "012345678901234"


# Changed


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_changed_byte_is_not_genuine(issuer: Issuer, data: st.DataObject) -> None:
    raw = bytearray(raw_of(issuer))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    verdict = issuer.check(carry(bytes(raw)))
    assert not verdict.genuine and verdict.pass_facts is None and verdict.reason in REASONS


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_changed_character_of_either_carrier_is_not_genuine(issuer: Issuer, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([issuer.url, issuer.small]))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda c: c != text[place]))
    assume(other.lower() != text[place].lower() or text[:place].count("/") > 2)  # scheme and host have no case
    assume(text != issuer.small or place > 2 or other.lower() != text[place].lower())
    verdict = issuer.check(text[:place] + other + text[place + 1 :])
    assert not verdict.genuine and not verdict.good and verdict.pass_facts is None


def test_every_changed_letter_of_a_pass_is_noticed_one_by_one(issuer: Issuer) -> None:
    for text in (issuer.url, issuer.small):
        for place, old in enumerate(text):
            other = "A" if old not in "Aa" else "B"  # scheme and host have no case
            assert not issuer.check(text[:place] + other + text[place + 1 :]).genuine, (place, old)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_cut_or_lengthened_bytes_are_not_genuine(issuer: Issuer, data: st.DataObject) -> None:
    raw = raw_of(issuer)
    changed = data.draw(
        st.integers(0, len(raw) - 1).map(lambda n: raw[:n]) | st.binary(min_size=1, max_size=40).map(lambda b: raw + b)
    )
    assert not issuer.check(carry(changed)).genuine


@settings(max_examples=300, deadline=None)
@given(
    st.text()
    | st.binary(max_size=300).map(carry)
    | st.binary(max_size=300).map(lambda b: "IM1:" + base45.b45encode(b).decode())
)
def test_any_text_gets_a_verdict(issuer: Issuer, text: str) -> None:
    verdict = issuer.check(text)
    assert not verdict.genuine and verdict.reason in REASONS


def test_hostile_cbor_gets_a_verdict(issuer: Issuer) -> None:
    deep = b"\x81" * 1200
    huge = b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff"
    tags = [cbor2.dumps(cbor2.CBORTag(18, value)) for value in ("x", [], [b"", {}, b"", b""], [b"\xa0", {}, b"", b""])]
    for raw in (deep, huge, *tags, b"\xd2\x80", b"\xf6"):
        assert not issuer.check(carry(raw)).genuine


def test_a_text_over_the_cap_is_not_decoded(issuer: Issuer) -> None:
    assert issuer.check("A" * (MAX_TEXT_CHARS + 1)).reason == "too_long"
    assert issuer.check("A" * 4000).reason == "too_long"


def test_lower_case_and_padding_are_other_texts(issuer: Issuer) -> None:
    assert issuer.check(issuer.url.lower()).reason == "unreadable"
    assert issuer.check(issuer.url + "=").reason == "unreadable"


def test_case_of_scheme_and_host_blanks_and_broken_lines_are_no_forgery(issuer: Issuer) -> None:
    """What phones, scanners and messengers do to an address; the pass itself stays as strict as it was."""
    address, _, body = issuer.url.partition("/verify#")
    for text in (
        f"{address.upper()}/verify#{body}", f"{address.title()}/verify#{body}", f"%20{issuer.url}%20",
        f" {issuer.url}\r\n", f"{address}/verify#{body[:80]}\n{body[80:]}", f"{address}/verify#{body[:80]} {body[80:]}",
        f"{address}/verify#{body[:80]}%20{body[80:]}", issuer.small.replace(" ", "%20"), f"{issuer.small}\n",
        "im1:" + issuer.small.removeprefix("IM1:"), issuer.small[:70] + "\n" + issuer.small[70:],
    ):  # fmt: skip
        assert issuer.check(text).genuine, text
    for text in (f"{address}/VERIFY#{body}", f"http://{address.partition('://')[2]}/verify#{body}"):
        assert issuer.check(text).reason == "address_altered"


def test_a_small_form_with_blanks_is_read_with_percent_signs_too(issuer: Issuer) -> None:
    """Base45 writes blanks, percent signs, twos and noughts: some small forms have ``%20`` of their own."""
    for n in range(40):
        small = small_form(sign_pass(replace(FACTS, number=f"MUN-26-{n:06d}"), key=issuer.signer, base_url=BASE))
        assert issuer.check(small).genuine and issuer.check(small.replace(" ", "%20")).genuine


def test_lists_younger_than_the_clock_say_that_the_clock_is_behind(issuer: Issuer, tmp_path: Path) -> None:
    """Five hours behind: a list that young, keys that young, and the words of the command in both languages."""
    at = ISSUED + timedelta(hours=1)
    _keys, listed = keys.write_public(issuer.data_dir, pass_ids=[], at=at + timedelta(hours=5))
    young = issuer.check(issuer.url, cancelled=json.loads(listed.read_text()), at=at)
    assert young.genuine and (young.clock_behind_hours, young.list_age_hours) == (5.0, -5.0)
    assert issuer.check(issuer.url, at=at).clock_behind_hours == 0.0
    late_keys = keys.public_key_list(issuer.data_dir, at=at + timedelta(hours=2))
    assert verify_pass(issuer.url, keys=late_keys, at=at).clock_behind_hours == 2.0


def test_a_genuine_pass_behind_a_foreign_address_is_refused(issuer: Issuer) -> None:
    fragment = issuer.url.partition("#")[2]
    assert issuer.check(f"https://khanan.example.org/verify#{fragment}").reason == "address_altered"
    unbound = handmade(issuer.signer, protected={1: -8, 4: issuer.signer.kid}, payload=unbound_payload(issuer))
    assert issuer.check(unbound).genuine
    assert issuer.check(f"https://khanan.example.org/verify#{unbound}").reason == "address_altered"


def unbound_payload(issuer: Issuer) -> bytes:
    claims = cbor2.loads(payload_of(issuer))
    del claims[1]
    return cbor2.dumps(claims, canonical=True)


# Header rules


def test_the_handmade_token_is_genuine_when_it_follows_the_rules(issuer: Issuer) -> None:
    text = handmade(issuer.signer, protected={1: -8, 4: issuer.signer.kid}, payload=payload_of(issuer))
    assert issuer.check(text).pass_facts == FACTS


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({1: -8, 2: [99], 99: 1}, "unsupported"),
        ({1: -8, 2: []}, "unsupported"),
        ({1: -7}, "unsupported"),
        ({1: -8, 4: b"\x00" * 8}, "unknown_key"),
    ],
)
def test_critical_headers_other_algorithms_and_unknown_keys_are_refused(
    issuer: Issuer, header: dict, reason: str
) -> None:
    raw = cbor2.loads(raw_of(issuer))
    protected = cbor2.dumps({4: issuer.signer.kid} | header, canonical=True)
    private = Ed25519PrivateKey.from_private_bytes(issuer.signer.private)
    signature = private.sign(cbor2.dumps(["Signature1", protected, b"", raw.value[2]]))
    made = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, raw.value[2], signature]), canonical=True)
    assert issuer.check(carry(made)).reason == reason


def test_unsigned_headers_are_refused(issuer: Issuer) -> None:
    message = cbor2.loads(raw_of(issuer))
    parts = [message.value[0], {99: 1}, *message.value[2:]]
    assert issuer.check(carry(cbor2.dumps(cbor2.CBORTag(18, parts), canonical=True))).reason == "unreadable"


def test_an_unknown_version_of_the_pass_is_refused(issuer: Issuer) -> None:
    claims = cbor2.loads(payload_of(issuer))
    claims[-65537][0] = 2
    text = handmade(issuer.signer, protected={1: -8, 4: issuer.signer.kid}, payload=cbor2.dumps(claims, canonical=True))
    assert issuer.check(text).reason == "unsupported"


def test_a_forger_with_a_key_of_the_same_id_is_refused(issuer: Issuer) -> None:
    private = Ed25519PrivateKey.generate()
    public = replace(issuer.signer.public_key, public=private.public_key().public_bytes_raw())
    forger = Signer(public, private.private_bytes_raw())
    assert issuer.check(sign_pass(FACTS, key=forger, base_url=BASE)).reason == "bad_signature"


# Time


@pytest.mark.parametrize(
    ("at", "in_time", "reason"),
    [
        (FACTS.issued_at, True, "ok"),
        (FACTS.issued_at - timedelta(seconds=1), False, "not_yet_valid"),
        (FACTS.valid_until - timedelta(seconds=1), True, "ok"),
        (FACTS.valid_until, False, "expired"),
        (FACTS.issued_at - timedelta(days=1), False, "not_yet_valid"),
        (FACTS.issued_at + timedelta(days=1), False, "expired"),
    ],
)
def test_in_time_is_asked_apart_from_genuine(issuer: Issuer, at: datetime, in_time: bool, reason: str) -> None:
    verdict = issuer.check(issuer.url, at=at)
    assert (verdict.genuine, verdict.in_time, verdict.reason) == (True, in_time, reason)
    assert verdict.good is in_time


def test_a_naive_instant_is_refused(issuer: Issuer) -> None:
    with pytest.raises(ValueError, match="time zone"):
        issuer.check(issuer.url, at=datetime(2026, 6, 5))  # noqa: DTZ001


# Cancelled


def test_a_cancelled_pass_is_genuine_and_cancelled(issuer: Issuer) -> None:
    listed = keys.cancelled_list([FACTS.pass_id], at=ISSUED, data_dir=issuer.data_dir)
    verdict = issuer.check(issuer.url, cancelled=listed, at=ISSUED + timedelta(hours=3, minutes=30))
    assert (verdict.genuine, verdict.in_time, verdict.cancelled) == (True, True, True)
    assert (verdict.reason, verdict.list_age_hours, verdict.good) == ("cancelled", 3.5, False)


def test_a_pass_not_on_the_list_is_not_cancelled(issuer: Issuer) -> None:
    listed = keys.cancelled_list([b"\x01" * 8], at=ISSUED, data_dir=issuer.data_dir)
    verdict = issuer.check(issuer.url, cancelled=listed)
    assert (verdict.cancelled, verdict.good) == (False, True)


def test_an_id_of_another_length_is_not_listed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="8"):
        keys.cancelled_list([b"\x01" * 7], at=ISSUED, data_dir=tmp_path)


def test_a_cancelled_list_that_was_emptied_is_refused(issuer: Issuer) -> None:
    listed = keys.cancelled_list([FACTS.pass_id], at=ISSUED, data_dir=issuer.data_dir)
    with pytest.raises(ListUnusable, match="signature"):
        issuer.check(issuer.url, cancelled={**listed, "pass_ids": []})


def test_a_cancelled_list_of_another_root_is_refused(issuer: Issuer, tmp_path: Path) -> None:
    foreign = keys.cancelled_list([], at=ISSUED, data_dir=tmp_path)
    with pytest.raises(ListUnusable, match="signature"):
        issuer.check(issuer.url, cancelled=foreign)


# Lists


def test_a_key_added_to_the_list_is_noticed(issuer: Issuer) -> None:
    changed = json.loads(json.dumps(issuer.keys))
    changed["keys"][0]["x"] = b64(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    with pytest.raises(ListUnusable, match="signature"):
        read_key_list(changed)


def test_a_list_signed_by_a_foreign_root_is_refused_where_the_root_is_known(issuer: Issuer, tmp_path: Path) -> None:
    trusted = unb64(issuer.keys["root"])
    assert read_key_list(json.dumps(issuer.keys), root=trusted).root == trusted
    with pytest.raises(ListUnusable, match="another root"):
        read_key_list(keys.public_key_list(tmp_path, at=ISSUED), root=trusted)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"kind":"immis.pass-keys"}',
        b'{"kind":"immis.pass-keys","version":1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(ListUnusable):
        read_key_list(data)
    with pytest.raises(ListUnusable):
        read_cancelled_list(data, root=b"\x00" * 32)


def test_a_list_with_a_name_twice_is_refused(issuer: Issuer) -> None:
    text = json.dumps(issuer.keys).replace('{"kind"', '{"kind": "immis.pass-keys", "kind"', 1)
    with pytest.raises(ListUnusable, match="twice"):
        read_key_list(text)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_changed_character_of_the_key_list_never_passes(issuer: Issuer, data: st.DataObject) -> None:
    text = json.dumps(issuer.keys)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != text[place]))
    changed = text[:place] + other + text[place + 1 :]
    with pytest.raises(ListUnusable):
        read_key_list(changed)


# Keys


def test_keys_are_made_once_and_kept_from_other_eyes(tmp_path: Path) -> None:
    first = keys.load_signer(tmp_path, at=ISSUED)
    keys.public_key_list(tmp_path, at=ISSUED)
    assert keys.load_signer(tmp_path, at=ISSUED + timedelta(days=100)) == first
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    files = list((tmp_path / "keys").glob("*.json"))
    assert sorted(stat.S_IMODE(file.stat().st_mode) for file in files) == [0o600, 0o600]
    assert first.private.hex() not in repr(first) and repr(first.private) not in repr(first)


def test_several_first_users_make_one_key(tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import datetime; from immis.challans.signed import keys; "
        "print(keys.load_signer(sys.argv[1], at=datetime.fromisoformat(sys.argv[2])).kid.hex())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), ISSUED.isoformat()], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    answers = {process.communicate(timeout=60)[0] for process in started}
    assert len(answers) == 1 and len(answers.pop().strip()) == 16
    assert len(list((tmp_path / "keys").glob("pass-*.json"))) == 1


def test_the_public_list_holds_no_secret(issuer: Issuer) -> None:
    text = json.dumps(issuer.keys)
    assert b64(issuer.signer.private) not in text
    assert all(
        set(row) == {"kid", "kty", "crv", "x", "not_before", "signs_until", "not_after"} for row in issuer.keys["keys"]
    )


def test_a_new_key_follows_when_the_old_one_has_ended(tmp_path: Path) -> None:
    office = Issuer(tmp_path)
    later = ISSUED + keys.SIGNS_FOR
    new = keys.load_signer(tmp_path, at=later)
    assert new.kid != office.signer.kid
    listed = {row["kid"] for row in keys.public_key_list(tmp_path, at=later)["keys"]}
    assert listed == {office.signer.kid.hex(), new.kid.hex()}
    gone = keys.public_key_list(tmp_path, at=later + keys.OVERLAP)["keys"]
    assert [row["kid"] for row in gone] == [new.kid.hex()]


def test_a_key_signs_only_in_its_window(issuer: Issuer) -> None:
    for issued_at in (ISSUED - keys.LEAD_TIME - timedelta(seconds=1), ISSUED + keys.SIGNS_FOR):
        with pytest.raises(ValueError, match="does not sign"):
            sign_pass(
                replace(FACTS, issued_at=issued_at, valid_until=issued_at + timedelta(hours=1)), key=issuer.signer
            )


def stretched(signer: Signer) -> Signer:
    """The same secret in hands that ignore its window."""
    far = timedelta(days=4000)
    window = signer.public_key
    return replace(
        signer, public_key=replace(window, not_before=window.not_before - far, signs_until=window.signs_until + far)
    )


@pytest.mark.parametrize(
    ("issued_after", "checked_after", "reason"),
    [
        (timedelta(days=-8), timedelta(days=-6), "key_not_yet_valid"),
        (timedelta(days=-8), timedelta(days=-8), "key_not_yet_valid"),
        (timedelta(), timedelta(days=-8), "key_not_yet_valid"),
        (keys.SIGNS_FOR, keys.SIGNS_FOR, "key_expired"),
        (timedelta(days=364), keys.SIGNS_FOR + keys.OVERLAP, "key_expired"),
    ],
)
def test_a_key_outside_its_window_proves_nothing(
    issuer: Issuer, issued_after: timedelta, checked_after: timedelta, reason: str
) -> None:
    issued_at = ISSUED + issued_after
    facts = replace(FACTS, issued_at=issued_at, valid_until=issued_at + timedelta(days=3))
    text = sign_pass(facts, key=stretched(issuer.signer))
    verdict = issuer.check(text, at=ISSUED + checked_after)
    assert (verdict.genuine, verdict.reason) == (False, reason)


def test_rotation_keeps_old_passes_and_ends_the_old_key(tmp_path: Path) -> None:
    office = Issuer(tmp_path)
    at = ISSUED + timedelta(hours=2)
    new = keys.rotate(tmp_path, at=at)
    assert keys.load_signer(tmp_path, at=at) == new
    office.keys = keys.public_key_list(tmp_path, at=at)
    assert office.check(office.url, at=at).good
    late = replace(FACTS, issued_at=at, valid_until=at + timedelta(hours=1))
    assert office.check(sign_pass(late, key=office.signer), at=at).reason == "key_expired"
    assert office.check(sign_pass(late, key=new), at=at).good


def test_a_withdrawn_key_ends_all_its_passes(tmp_path: Path) -> None:
    office = Issuer(tmp_path)
    keys.rotate(tmp_path, at=ISSUED, withdraw=True)
    office.keys = keys.public_key_list(tmp_path, at=ISSUED)
    assert office.check(office.url).reason == "unknown_key"


# QR


def test_the_qr_of_either_form_reads_back(issuer: Issuer, tmp_path: Path) -> None:
    for text in (issuer.url, issuer.small):
        picture = tmp_path / "qr.png"
        picture.write_bytes(qr_png(text))
        assert read_qr(picture) == text


def test_a_worn_photo_of_the_qr_still_reads(issuer: Issuer, tmp_path: Path) -> None:
    sharp = tmp_path / "sharp.png"
    sharp.write_bytes(qr_png(issuer.url, module_px=8))
    photo = tmp_path / "photo.jpg"
    with Image.open(sharp) as image:
        page = Image.new("RGB", (image.width + 200, image.height + 300), "#eee")
        page.paste(image.convert("RGB"), (90, 140))
        page.rotate(7, fillcolor="#eee").filter(ImageFilter.GaussianBlur(1.5)).save(photo, quality=60)
    assert issuer.check(read_qr(photo)).good


def test_the_svg_needs_no_inline_style_or_script(issuer: Issuer) -> None:
    svg = qr_svg(issuer.url, title='A "pass" <1>')
    assert svg.startswith("<svg") and "viewBox" in svg
    assert "style=" not in svg and "<script" not in svg and "<1>" not in svg


def test_pictures_without_one_qr_are_refused(issuer: Issuer, tmp_path: Path) -> None:
    blank, broken, two = tmp_path / "blank.png", tmp_path / "broken.png", tmp_path / "two.png"
    Image.new("L", (300, 300), 255).save(blank)
    broken.write_bytes(qr_png(issuer.url)[:200])
    for name, text in (("a.png", issuer.url), ("b.png", issuer.small)):
        (tmp_path / name).write_bytes(qr_png(text))
    with Image.open(tmp_path / "a.png") as a, Image.open(tmp_path / "b.png") as b:
        both = Image.new("L", (a.width + b.width, max(a.height, b.height)), 255)
        both.paste(a, (0, 0))
        both.paste(b, (a.width, 0))
        both.save(two)
    for path, words in ((blank, "no QR"), (broken, "not a picture"), (two, "several")):
        with pytest.raises(ImageUnusable, match=words):
            read_qr(path)


# Command


class Post:
    """A check post: the published lists in a folder, and the command."""

    def __init__(self, folder: Path, issuer: Issuer):
        self.folder = folder
        self.keys, self.cancelled = keys.write_public(issuer.data_dir, pass_ids=[], at=ISSUED)

    def verify(self, *args: str, lists: bool = True) -> Result:
        given_lists = ["--keys", str(self.keys), "--cancelled", str(self.cancelled)] if lists else []
        return CliRunner().invoke(command, ["verify", *args, *given_lists])


@pytest.fixture
def post(tmp_path: Path, issuer: Issuer) -> Post:
    return Post(tmp_path, issuer)


AT = ("--at", "2026-06-05T13:00:00+05:30")


def test_command_on_a_good_pass(post: Post, issuer: Issuer) -> None:
    result = post.verify(issuer.url, "--json", *AT)
    shown = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (shown["genuine"], shown["in_time"], shown["cancelled"], shown["list_age_hours"]) == (True, True, False, 2.0)
    assert shown["pass"]["vehicle"] == "BR08G1234"
    assert shown["pass"]["valid_until"] == "2026-06-05T17:00:00+05:30"
    assert shown["pass"]["quantity_m3"] == 8.5


def test_command_for_people_speaks_both_languages(post: Post, issuer: Issuer) -> None:
    result = post.verify(issuer.small, *AT)
    assert result.exit_code == 0
    assert (
        "BR08G1234" in result.stdout and REASONS["ok"]["hi"] in result.stdout and REASONS["ok"]["en"] in result.stdout
    )


def test_command_without_a_cancelled_list_says_that_it_is_not_known(post: Post, issuer: Issuer) -> None:
    result = post.verify(issuer.url, "--keys", str(post.keys), "--json", *AT, lists=False)
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["cancelled"], shown["list_age_hours"]) == (0, None, None)


def test_command_on_a_forged_pass(post: Post, issuer: Issuer) -> None:
    result = post.verify(issuer.url[:-4] + "AAAA", "--json", *AT)
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["genuine"], shown["pass"]) == (1, False, None)


def test_command_on_an_expired_and_on_a_cancelled_pass(post: Post, issuer: Issuer) -> None:
    assert post.verify(issuer.url, "--at", "2026-06-06T00:00:00").exit_code == 1
    keys.write_public(issuer.data_dir, pass_ids=[FACTS.pass_id], at=ISSUED)
    result = post.verify(issuer.url, "--json", *AT)
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["genuine"], shown["in_time"], shown["cancelled"]) == (1, True, True, True)


def test_command_says_that_the_clock_is_behind(post: Post, issuer: Issuer) -> None:
    early = ("--at", "2026-06-05T09:00:00+05:30")
    shown = post.verify(issuer.url, *early).output
    assert "घड़ी पीछे है" in shown and "2 hours younger" in shown
    told = json.loads(post.verify(issuer.url, *early, "--json").output)
    assert told["clock_behind_hours"] == 2.0 and "clock" in told["clock"]["en"]
    assert json.loads(post.verify(issuer.url, *AT, "--json").output)["clock"] is None


def test_a_second_qr_in_the_picture_is_left_aside(post: Post, issuer: Issuer, tmp_path: Path) -> None:
    """A payment sticker beside the pass is no forgery; two passes are not guessed between."""
    other = sign_pass(replace(FACTS, number="MUN-26-000124"), key=issuer.signer, base_url=BASE)
    for name, second, code in (("pay", "upi://pay?pa=ganga@bank&am=250", 0), ("two", other, 2)):
        pictures = []
        for n, text in enumerate((issuer.url, second)):
            (tmp_path / f"{n}.png").write_bytes(qr_png(text))
            pictures.append(Image.open(tmp_path / f"{n}.png").convert("L"))
        both = Image.new("L", (sum(one.width for one in pictures) + 40, max(one.height for one in pictures)), 255)
        both.paste(pictures[0], (0, 0))
        both.paste(pictures[1], (pictures[0].width + 40, 0))
        both.save(tmp_path / f"{name}.png")
        result = post.verify("--image", str(tmp_path / f"{name}.png"), *AT)
        assert result.exit_code == code, result.output


def test_command_on_a_picture(post: Post, issuer: Issuer) -> None:
    picture = post.folder / "pass.png"
    picture.write_bytes(qr_png(issuer.url))
    assert post.verify("--image", str(picture), *AT).exit_code == 0


def test_command_reads_standard_input(post: Post, issuer: Issuer) -> None:
    args = ["verify", "-", "--keys", str(post.keys), *AT]
    assert CliRunner().invoke(command, args, input=issuer.url + "\n").exit_code == 0
    assert CliRunner().invoke(command, args, input=b"\xff\x00\xfe" * 9000).exit_code == 1


def test_command_on_unusable_calls(post: Post, issuer: Issuer) -> None:
    rubbish = post.folder / "rubbish"
    rubbish.write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    calls = [
        post.verify(),
        post.verify(" "),
        post.verify(issuer.url, "--image", str(rubbish)),
        post.verify("--image", str(rubbish)),
        post.verify("--image", str(post.folder / "none.png")),
        post.verify("--image", str(post.folder)),
        post.verify(issuer.url, lists=False),
        post.verify(issuer.url, "--keys", str(rubbish), lists=False),
        post.verify(issuer.url, "--keys", str(post.folder / "none.json"), lists=False),
        post.verify(issuer.url, "--keys", str(post.cancelled), lists=False),
        post.verify(issuer.url, "--at", "soon"),
    ]
    assert [call.exit_code for call in calls] == [2] * len(calls)
    assert all(call.stderr.strip() and "Traceback" not in call.stderr for call in calls)


def test_command_needs_no_django(post: Post, issuer: Issuer) -> None:
    code = (
        "import sys; from immis.commands.road.pass_ import command\n"
        "try: command(sys.argv[1:])\n"
        "finally: sys.stderr.write(str('django' in sys.modules))"
    )
    args = ["verify", issuer.url, "--keys", str(post.keys), "--json", *AT]
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "False")
    assert json.loads(done.stdout)["genuine"] is True


@pytest.mark.parametrize("name", ["क" * 60, "Ganga Sand and Minerals Private Limited, Munger", "a"])
@pytest.mark.parametrize("base", [BASE, "https://khanan.mines.bihar.gov.in"])
def test_a_qr_is_never_larger_than_version_15(data_dir, name, base):
    """Names give way before the paper does; what is shortened says so."""
    signer = keys.load_signer(data_dir, at=ISSUED)
    facts = replace(FACTS, source_name=name, destination=name, settlee=name)
    text = sign_pass(facts, key=signer, base_url=base)
    assert qr_version(text) <= 15
    found = verify_pass(text, keys=keys.public_key_list(data_dir, at=ISSUED), at=ISSUED).pass_facts
    assert found.settlee == name or found.settlee.endswith("…") and len(found.settlee) >= 8
