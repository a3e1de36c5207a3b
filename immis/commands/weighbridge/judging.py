"""What the protocol of weighbridges asks of a client's messages, one fault a departure; by the server's library."""

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from immis.agent.scale.frames import cut, formats

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_URL_TEXT = re.compile(r"[A-Za-z0-9_-]+")
KINDS = ("gross", "tare", "zero", "check")
MOST_READINGS = 100
_INTEGERS = ("counter", "weight_kg", "min_kg", "max_kg")
_TEXTS = ("at", "kind", "plate", "challan", "raw", "format", "previous", "signature")
_ORDER = ("counter", "at", "kind", "weight_kg", "stable", "plate", "challan", "raw", "format", "min_kg", "max_kg")


def bytes_of(text: Any, length: int) -> bytes | None:
    """Base64 for addresses without padding, of this length; None for anything else."""
    if not isinstance(text, str) or not _URL_TEXT.fullmatch(text):
        return None
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if len(data) == length else None


def public_key(text: Any) -> ec.EllipticCurvePublicKey | None:
    """An uncompressed point of P-256; None where it is none."""
    data = bytes_of(text, 65)
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data) if data else None
    except ValueError:
        return None


def signed_by(key: ec.EllipticCurvePublicKey, data: bytes, signature: Any) -> bool:
    """Whether the signature is raw r and s over these bytes."""
    raw = bytes_of(signature, 64)
    if raw is None:
        return False
    numbers = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key.verify(numbers, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def canonical(reading: dict[str, Any]) -> bytes:
    """The text of a reading that is hashed and signed, from the words of the protocol and not from the agent's code."""
    lines = ["immis-weighment-1"]
    for name in _ORDER:
        value = reading[name]
        lines.append(str(value).lower() if isinstance(value, bool) else str(value))
    place = reading.get("place")
    lines.append(f"{place[0]:.6f},{place[1]:.6f}" if place else "")
    return "\n".join([*lines, reading["previous"]]).encode()


def hash_of(reading: dict[str, Any]) -> str:
    """The hash that the next reading names."""
    return hashlib.sha256(canonical(reading)).hexdigest()


def instant(text: Any) -> datetime | None:
    """RFC 3339 with offset; None for anything else."""
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _place_fits(place: Any) -> bool:
    if place is None:
        return True
    pair = isinstance(place, list) and len(place) == 2
    return pair and all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in place)


def shape_faults(reading: Any) -> list[str]:
    """What of a reading is not as the protocol has it; empty where all is."""
    if not isinstance(reading, dict):
        return ["a reading is an object"]
    faults = [f"{name}: a whole number" for name in _INTEGERS if type(reading.get(name)) is not int]
    faults += [f"{name}: text" for name in _TEXTS if not isinstance(reading.get(name), str)]
    if type(reading.get("stable")) is not bool:
        faults.append("stable: true or false")
    if not _place_fits(reading.get("place")):
        faults.append("place: [latitude, longitude] or null")
    if faults:
        return faults
    return [*_value_faults(reading)]


def _value_faults(reading: dict[str, Any]) -> Iterator[str]:
    if reading["kind"] not in KINDS:
        yield f"kind: one of {', '.join(KINDS)}"
    if instant(reading["at"]) is None:
        yield "at: RFC 3339 with offset"
    if any("\n" in reading[name] for name in _TEXTS):
        yield "no value has a line break"
    if not reading["min_kg"] <= reading["weight_kg"] <= reading["max_kg"]:
        yield "weight_kg: between min_kg and max_kg"
    try:
        raw = base64.b64decode(reading["raw"], validate=True)
    except ValueError:
        yield "raw: base64"
        return
    form = next((form for form in formats() if form["name"] == reading["format"]), None)
    shown = [frame.kg for frame in cut(form, raw)] if form else [reading["weight_kg"]]
    if reading["weight_kg"] not in shown:
        yield f"raw: the frame shows {shown}, the reading says {reading['weight_kg']}"


def chain_faults(reading: dict[str, Any], key: ec.EllipticCurvePublicKey, counter: int, previous: str) -> list[str]:
    """What is wrong with a well-shaped reading's place in the chain and its signature."""
    faults = []
    if reading["counter"] != counter:
        faults.append(f"counter: {counter} comes next, not {reading['counter']}")
    if reading["previous"] != previous:
        faults.append("previous: the hash of the reading before")
    if not signed_by(key, canonical(reading), reading["signature"]):
        faults.append("signature: does not fit the canonical text")
    return faults
