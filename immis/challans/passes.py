"""The signed pass: what a QR on an e-challan says, provable at the roadside with no network.

A pass is a CWT in COSE_Sign1 with Ed25519 (RFC 8392, 9052). Two carriers hold the
same bytes: a web address whose part after ``#`` is the pass in base32 (any phone
opens it, and no server sees that part), and ``IM1:`` with base45 for small slips.
Verification answers three questions apart: is it genuine, is it in time, is it
cancelled. ADR 0006 gives the format and the reasons. No Django, no files, no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import cbor2

from immis.challans.pass_lists import (
    PASS_ID_BYTES,
    CancelledList,
    KeyList,
    PublicKey,
    read_cancelled_list,
    read_key_list,
)
from immis.challans.pass_text import (
    MAX_PASS_BYTES,
    VERIFY_PATH,
    NotGenuine,
    bytes_in,
    one_case,
    small_text,
    url_text,
    ways_to_read,
)
from immis.late import late

if TYPE_CHECKING:
    import cwt
else:
    cwt = late("cwt")

# Free names beyond this are shortened with an ellipsis: a longer QR reads badly from worn paper.
MAX_NAME_CHARS = 40
MAX_CODE_CHARS = 40
# What a QR of version 15 at level M holds (ISO/IEC 18004, table 7); names are shortened further until it does.
_QR_BITS, _QR_HEADS = 3320, 40
_NAME_CHARS = (MAX_NAME_CHARS, 30, 24, 18, 12, 8)

_COSE_SIGN1, _EDDSA, _ED25519, _OKP = 18, -8, 6, 1
_ALG, _CRIT, _KID = 1, 2, 4
_ISS, _EXP, _IAT, _CTI = 1, 4, 6, 7
# CWT claim keys below -65536 are free for private use (RFC 8392, section 9.1.1).
_PASS = -65537
_VERSION, _NUMBER, _VEHICLE, _MINERAL, _QUANTITY, _WEIGHT = range(6)
_SOURCE, _PLACE, _LEASE, _DESTINATION, _DISTANCE, _IMEI, _SETTLEE = range(6, 13)
_FORMAT = 1
_DECODE_ERRORS = (cbor2.CBORError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)


@dataclass(frozen=True)
class PassFacts:
    """What a pass says of one trip.

    ``pass_id`` is 8 bytes; ``quantity_m3`` exact to a thousandth, ``distance_km`` to a metre;
    ``source_lat``/``source_lon`` in degrees (WGS 84, six places); instants are aware and count to the second.
    ``imei`` is read from old passes and never written: whoever holds a pass could speak for its vehicle's device.
    """

    number: str
    pass_id: bytes
    vehicle: str
    mineral: str
    quantity_m3: Decimal
    weight_kg: int | None
    source_name: str
    source_lat: float
    source_lon: float
    lease_number: str
    destination: str
    distance_km: Decimal
    issued_at: datetime
    valid_until: datetime
    settlee: str
    imei: str = ""


@dataclass(frozen=True)
class Signer:
    """A pass key that may sign passes issued in ``[not_before, signs_until)``; its secret never shows in a log."""

    public_key: PublicKey
    private: bytes = field(repr=False)

    @property
    def kid(self) -> bytes:
        return self.public_key.kid


@dataclass(frozen=True)
class Verdict:
    """What a check found; None where a question has no answer (not genuine, or no cancelled list at hand).

    ``reason`` is ``ok`` or the code of the first thing wrong (``pass_words.REASONS`` words it).
    ``list_age_hours`` is the age of the cancelled list; negative when this clock is behind it.
    ``clock_behind_hours`` is by how much the youngest of the signed lists is ahead of this clock, else 0: a clock
    that is behind cannot say whether a pass is in time, nor whether one was cancelled since.
    """

    genuine: bool
    in_time: bool | None
    cancelled: bool | None
    list_age_hours: float | None
    pass_facts: PassFacts | None
    reason: str
    clock_behind_hours: float = 0.0

    @property
    def good(self) -> bool:
        """Genuine, in time and not known to be cancelled."""
        return self.genuine and bool(self.in_time) and not self.cancelled


def _exact(value: Decimal | int | float, *, per_unit: int, what: str) -> int:
    scaled = Decimal(str(value)) * per_unit
    if not scaled.is_finite() or scaled != scaled.to_integral_value() or scaled < 0:
        raise ValueError(f"{what} {value} cannot be written on a pass: not negative, at most three decimals")
    return int(scaled)


def _name(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _code(text: str, what: str) -> str:
    if not 0 < len(text) <= MAX_CODE_CHARS:
        raise ValueError(f"{what} {text!r} needs 1 to {MAX_CODE_CHARS} characters")
    return text


def _seconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError(f"{at} carries no time zone; instants must be aware")
    return int(at.timestamp())


def _trip_claims(facts: PassFacts, most: int) -> dict[int, Any]:
    trip: dict[int, Any] = {
        _VERSION: _FORMAT,
        _NUMBER: _code(facts.number, "number"),
        _VEHICLE: _code(facts.vehicle, "vehicle"),
        _MINERAL: _name(facts.mineral, most),
        _QUANTITY: _exact(facts.quantity_m3, per_unit=1000, what="quantity_m3"),
        _SOURCE: _name(facts.source_name, most),
        _PLACE: [round(facts.source_lat * 1_000_000), round(facts.source_lon * 1_000_000)],
        _LEASE: _code(facts.lease_number, "lease_number"),
        _DESTINATION: _name(facts.destination, most),
        _DISTANCE: _exact(facts.distance_km, per_unit=1000, what="distance_km"),
        _SETTLEE: _name(facts.settlee, most),
    }
    if facts.weight_kg is not None:
        trip[_WEIGHT] = _exact(facts.weight_kg, per_unit=1, what="weight_kg")
    return trip


def _claims(facts: PassFacts, base_url: str, most: int) -> bytes:
    issued, until = _seconds(facts.issued_at), _seconds(facts.valid_until)
    if until <= issued:
        raise ValueError(f"pass {facts.number} would end at {facts.valid_until} before it begins")
    if len(facts.pass_id) != PASS_ID_BYTES:
        raise ValueError(f"pass_id has {len(facts.pass_id)} bytes; {PASS_ID_BYTES} are needed")
    claims: dict[int, Any] = {_EXP: until, _IAT: issued, _CTI: facts.pass_id, _PASS: _trip_claims(facts, most)}
    if base_url:
        claims[_ISS] = base_url
    return cbor2.dumps(claims, canonical=True)


def _private_cose_key(key: Signer) -> Any:
    return cwt.COSEKey.new({1: _OKP, 2: key.kid, 3: _EDDSA, -1: _ED25519, -2: key.public_key.public, -4: key.private})


def sign_pass(facts: PassFacts, *, key: Signer, base_url: str = "") -> str:
    """The text of a pass's QR: ``{base_url}/verify#…`` or, without ``base_url``, the small ``IM1:`` form.

    The base URL is signed with the rest, so that a genuine pass cannot be wrapped in a foreign address.
    Raises ValueError when the facts do not fit a pass or the key may not sign at ``issued_at`` (E-128).
    """
    window = key.public_key
    if not window.not_before <= facts.issued_at < window.signs_until:
        raise ValueError(f"key {key.kid.hex()} does not sign passes of {facts.issued_at}; load the signer of that time")
    if not base_url:
        return small_text(_signed(facts, key, "", MAX_NAME_CHARS))
    text = ""
    for most in _NAME_CHARS:
        text = url_text(_signed(facts, key, base_url.rstrip("/"), most), base_url)
        if _fits_qr(text):
            break
    return text  # names of eight letters and a very long address: a larger QR is better than no pass


def _signed(facts: PassFacts, key: Signer, base_url: str, most: int) -> bytes:
    raw: bytes = cwt.COSE.new(deterministic_header=True).encode_and_sign(
        _claims(facts, base_url, most),
        _private_cose_key(key),
        protected={_ALG: _EDDSA, _KID: key.kid},
        unprotected={},
    )
    if len(raw) > MAX_PASS_BYTES:
        raise ValueError(f"pass {facts.number} takes {len(raw)} bytes; {MAX_PASS_BYTES} are allowed")
    return raw


def _fits_qr(text: str) -> bool:
    """The address counts eight bits a sign, what follows its # eleven bits two signs (alphanumeric)."""
    head, _hash, body = text.partition("#")
    return 8 * (len(head.encode()) + 1) + (11 * len(body) + 1) // 2 + _QR_HEADS <= _QR_BITS


def _canonical(raw: bytes) -> Any:
    """Decoded CBOR, only where encoding it again gives the same bytes. Raises NotGenuine otherwise."""
    try:
        value = cbor2.loads(raw)
        again = cbor2.dumps(value, canonical=True)
    except _DECODE_ERRORS as error:
        raise NotGenuine("unreadable") from error
    if again != raw:
        raise NotGenuine("unreadable")
    return value


def _envelope(raw: bytes) -> tuple[bytes, bytes]:
    """Key id and claims of a COSE_Sign1 whose every unsigned byte is fixed. Raises NotGenuine otherwise."""
    message = _canonical(raw)
    if not isinstance(message, cbor2.CBORTag) or message.tag != _COSE_SIGN1:
        raise NotGenuine("unreadable")
    parts = message.value
    if (
        not isinstance(parts, list | tuple)
        or len(parts) != 4
        or not all(isinstance(parts[i], bytes) for i in (0, 2, 3))
    ):
        raise NotGenuine("unreadable")
    header = _canonical(parts[0])
    if not isinstance(header, Mapping) or parts[1] != {}:
        raise NotGenuine("unreadable")
    if header.get(_ALG) != _EDDSA or _CRIT in header:
        raise NotGenuine("unsupported")
    if not isinstance(header.get(_KID), bytes):
        raise NotGenuine("unknown_key")
    return header[_KID], parts[2]


def _check_signature(raw: bytes, key: PublicKey) -> None:
    cose_key = cwt.COSEKey.new({1: _OKP, 2: key.kid, 3: _EDDSA, -1: _ED25519, -2: key.public})
    try:
        cwt.COSE.new(verify_kid=True).decode(raw, cose_key)
    except Exception as error:  # the bytes are hostile and the library raises many kinds; every one means "no"
        raise NotGenuine("bad_signature") from error


def _check_window(key: PublicKey, *, issued_at: datetime, at: datetime) -> None:
    if at >= key.not_after or issued_at >= key.signs_until:
        raise NotGenuine("key_expired")
    if at < key.not_before or issued_at < key.not_before:
        raise NotGenuine("key_not_yet_valid")


def _facts(claims: Any) -> PassFacts:
    trip = claims[_PASS]
    if trip[_VERSION] != _FORMAT:
        raise NotGenuine("unsupported")
    imei = trip.get(_IMEI, "")
    lat, lon = trip[_PLACE]
    return PassFacts(
        number=trip[_NUMBER],
        pass_id=claims[_CTI],
        vehicle=trip[_VEHICLE],
        mineral=trip[_MINERAL],
        quantity_m3=Decimal(trip[_QUANTITY]) / 1000,
        weight_kg=trip.get(_WEIGHT),
        source_name=trip[_SOURCE],
        source_lat=lat / 1_000_000,
        source_lon=lon / 1_000_000,
        lease_number=trip[_LEASE],
        destination=trip[_DESTINATION],
        distance_km=Decimal(trip[_DISTANCE]) / 1000,
        issued_at=datetime.fromtimestamp(claims[_IAT], UTC),
        valid_until=datetime.fromtimestamp(claims[_EXP], UTC),
        settlee=trip[_SETTLEE],
        imei=f"{imei:015d}" if isinstance(imei, int) else imei,
    )


def _genuine_facts(text: str, keys: KeyList, at: datetime) -> PassFacts:
    """Facts of a genuine pass in the first way to read the text that gives one; else the fault of the first way."""
    faults = []
    for way in ways_to_read(text):
        try:
            return _facts_of(*bytes_in(way), keys, at)
        except NotGenuine as fault:
            faults.append(fault)
    raise faults[0]


def _facts_of(address: str, raw: bytes, keys: KeyList, at: datetime) -> PassFacts:
    kid, payload = _envelope(raw)
    if kid not in keys.keys:
        raise NotGenuine("unknown_key")
    _check_signature(raw, keys.keys[kid])
    claims = _canonical(payload)
    try:
        facts = _facts(claims)
    except _DECODE_ERRORS as error:
        raise NotGenuine("unsupported") from error
    if address and address != one_case(f"{claims.get(_ISS, '')}{VERIFY_PATH}"):
        raise NotGenuine("address_altered")
    _check_window(keys.keys[kid], issued_at=facts.issued_at, at=at)
    return facts


def _reason(facts: PassFacts, *, cancelled: bool | None, at: datetime) -> str:
    if cancelled:
        return "cancelled"
    if at < facts.issued_at:
        return "not_yet_valid"
    return "ok" if at < facts.valid_until else "expired"


def verify_pass(
    text: str,
    *,
    keys: KeyList | Mapping[str, Any],
    cancelled: CancelledList | Mapping[str, Any] | None = None,
    at: datetime,
) -> Verdict:
    """Check a pass offline: ``text`` is a whole QR address, its part after ``#``, or the small form.

    In time means ``issued_at <= at < valid_until``. Any text at all gets a verdict; nothing unproven is shown.
    Raises ListUnusable for a list that cannot be relied upon and ValueError for a naive ``at``.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} carries no time zone; instants must be aware")
    keys = keys if isinstance(keys, KeyList) else read_key_list(keys)
    if cancelled is not None and not isinstance(cancelled, CancelledList):
        cancelled = read_cancelled_list(cancelled, root=keys.root, keys=keys)
    age = None if cancelled is None else round((at - cancelled.issued_at).total_seconds() / 3600, 2)
    behind = _behind_hours(at, keys, cancelled)
    try:
        facts = _genuine_facts(text, keys, at)
    except NotGenuine as error:
        return Verdict(False, None, None, age, None, str(error), behind)
    listed = None if cancelled is None else facts.pass_id in cancelled.pass_ids
    in_time = facts.issued_at <= at < facts.valid_until
    return Verdict(True, in_time, listed, age, facts, _reason(facts, cancelled=listed, at=at), behind)


def _behind_hours(at: datetime, keys: KeyList, cancelled: CancelledList | None) -> float:
    """How far a clock is behind the signed lists, in hours; 0 where it is not. Lists count to the second."""
    issued = [row.issued_at for row in (keys, cancelled) if row is not None]
    ahead_s = max((row - at).total_seconds() for row in issued)
    return round(ahead_s / 3600, 2) if ahead_s >= 1 else 0.0
