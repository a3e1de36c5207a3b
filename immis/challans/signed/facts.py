"""What a pass says, as the claims of a CWT (RFC 8392): written with names as short as its QR needs, and read again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import cbor2

from immis.challans.signed.lists import PASS_ID_BYTES
from immis.challans.signed.text import NotGenuine

# Free names beyond this are shortened with an ellipsis: a longer QR reads badly from worn paper.
MAX_NAME_CHARS = 40
MAX_CODE_CHARS = 40

ISS, _EXP, _IAT, _CTI = 1, 4, 6, 7
# CWT claim keys below -65536 are free for private use (RFC 8392, section 9.1.1).
_PASS = -65537
_VERSION, _NUMBER, _VEHICLE, _MINERAL, _QUANTITY, _WEIGHT = range(6)
_SOURCE, _PLACE, _LEASE, _DESTINATION, _DISTANCE, _IMEI, _SETTLEE = range(6, 13)
_BY_HAND = 13
_ORIGIN = 20  # stands on transit passes of other States (ISTP) alone
_FORMAT = 1


@dataclass(frozen=True)
class PassFacts:
    """What a pass says of one trip.

    ``pass_id`` is 8 bytes; ``quantity_m3`` exact to a thousandth, ``distance_km`` to a metre;
    ``source_lat``/``source_lon`` in degrees (WGS 84, six places); instants are aware and count to the second.
    ``origin`` makes it a transit pass (ISTP): State and number of the origin's challan, whose end it shares.
    ``by_hand`` is the order by which its weight was written by hand and not by a weighbridge (empty: it was not).
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
    origin: str = ""
    by_hand: str = ""


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
    if facts.by_hand:
        trip[_BY_HAND] = _name(facts.by_hand, most)
    if facts.origin:
        trip[_ORIGIN] = _code(facts.origin, "origin")
    return trip


def written(facts: PassFacts, base_url: str, most: int) -> bytes:
    """The claims of a pass, its names at most so long. Raises ValueError for what does not fit a pass."""
    issued, until = _seconds(facts.issued_at), _seconds(facts.valid_until)
    if until <= issued:
        raise ValueError(f"pass {facts.number} would end at {facts.valid_until} before it begins")
    if len(facts.pass_id) != PASS_ID_BYTES:
        raise ValueError(f"pass_id has {len(facts.pass_id)} bytes; {PASS_ID_BYTES} are needed")
    claims: dict[int, Any] = {_EXP: until, _IAT: issued, _CTI: facts.pass_id, _PASS: _trip_claims(facts, most)}
    if base_url:
        claims[ISS] = base_url
    return cbor2.dumps(claims, canonical=True)


def read(claims: Any) -> PassFacts:
    """What the claims of a pass say. Raises NotGenuine for another format, and what decoding hostile bytes raises."""
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
        origin=trip.get(_ORIGIN, ""),
        by_hand=trip.get(_BY_HAND, ""),
    )
