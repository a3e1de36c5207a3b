"""The protocol of weighbridges: the canonical text of a weighment, its hash, keys and signatures.

Described for other makers in ``docs/weighbridge-protocol.md``: ECDSA on P-256 over SHA-256, signatures as raw r and s,
keys as the uncompressed point, both in base64url without padding.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

_HEAD = "immis-weighment-1"
_CURVE = ec.SECP256R1()
_HALF = 32


@dataclass(frozen=True)
class Weighment:
    """A weighment as it was sent; ``at`` is the text that was signed, ``place`` latitude and longitude or None."""

    counter: int
    at: str
    kind: str
    weight_kg: int
    stable: bool
    plate: str
    challan: str
    raw: str
    format: str
    min_kg: int
    max_kg: int
    place: Sequence[float] | None
    previous: str
    signature: str = ""

    @property
    def weighed_at(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def text(self) -> str:
        """The canonical text: what is hashed and signed."""
        place = ",".join(f"{degrees:.6f}" for degrees in self.place) if self.place else ""
        values = (
            self.counter, self.at, self.kind, self.weight_kg, "true" if self.stable else "false", self.plate,
            self.challan, self.raw, self.format, self.min_kg, self.max_kg, place, self.previous,
        )  # fmt: skip
        return "\n".join([_HEAD, *map(str, values)])

    @property
    def hash(self) -> str:
        return sha256(self.text.encode()).hexdigest()


def _bytes_of(text: str) -> bytes:
    """Base64url without padding. Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def is_key(text: str) -> bool:
    """Whether a text is a public key: an uncompressed point of P-256."""
    try:
        point = _bytes_of(text)
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except ValueError:
        return False
    return len(point) == 2 * _HALF + 1


def is_signed(content: bytes, signature: str, *, key: str) -> bool:
    """Whether a signature over some bytes is that of a key."""
    try:
        raw = _bytes_of(signature)
        if len(raw) != 2 * _HALF:
            return False
        der = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
        public = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, _bytes_of(key))
        public.verify(der, content, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
