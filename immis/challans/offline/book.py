"""A line of a gate's book as it comes over the wire: hostile until it is read here. No database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from immis.challans.signed.lists import signed_bytes
from immis.challans.signed.text import MAX_TEXT_CHARS
from immis.core.signing.keyring import unb64

KIND, VERSION = "immis.gate-line", 1
FIRST_PREV = "0" * 64
_MOST = {
    "kind": 20, "quota": 40, "kid": 16, "prev": 64, "held": 400, "text": MAX_TEXT_CHARS, "place": 60, "driver": 120,
    "licence": 20, "phone": 15, "signature": 100,
}  # fmt: skip
_NUMBERS = ("version", "counter", "at")
_HIGHEST = 2**53


class OddLine(ValueError):
    """This is no line of a gate's book."""


@dataclass(frozen=True)
class Line:
    """One pass in a gate's book: which quota and key, its place in it, the digest of the line before, and the pass."""

    quota: str
    kid: str
    counter: int
    prev: str
    made_at: datetime
    held: str
    text: str
    place: str
    driver: str
    licence: str
    phone: str
    signature: bytes
    digest: str
    row: Mapping[str, Any]

    def signed_by(self, public: bytes) -> bool:
        """Whether the gate's key signed this line."""
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(self.signature, signed_bytes(self.row))
        except (InvalidSignature, ValueError):
            return False
        return True


def read_line(row: Any) -> Line:
    """A line out of what was sent. Raises OddLine for anything else."""
    if not isinstance(row, Mapping) or set(row) != {*_MOST, *_NUMBERS}:
        raise OddLine("fields")
    for name, most in _MOST.items():
        if not isinstance(row[name], str) or len(row[name]) > most or "\0" in row[name]:
            raise OddLine(name)
    for name in _NUMBERS:
        if type(row[name]) is not int or not 0 < row[name] < _HIGHEST:
            raise OddLine(name)
    if (row["kind"], row["version"]) != (KIND, VERSION) or row["counter"] > 1_000_000:
        raise OddLine("kind")
    return _line(row)


def _line(row: Mapping[str, Any]) -> Line:
    try:
        signature = unb64(row["signature"])
        digest = sha256(signed_bytes(row)).hexdigest()
        made_at = datetime.fromtimestamp(row["at"] / 1000, UTC)
        if len(bytes.fromhex(row["kid"])) != 8 or len(bytes.fromhex(row["prev"])) != 32:
            raise OddLine("kid")
        json.dumps(row).encode()
    except (ValueError, OverflowError, OSError) as error:  # text with half a surrogate pair is none of ours
        raise OddLine("text") from error
    named = ("quota", "kid", "counter", "prev", "held", "text", "place", "driver", "licence", "phone")
    return Line(**{name: row[name] for name in named}, made_at=made_at, signature=signature, digest=digest, row=row)
