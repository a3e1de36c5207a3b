"""A reading's canonical text, its hash and its signature: ECDSA on P-256 with SHA-256, raw r and s."""

import base64
import hashlib
import os
from pathlib import Path
from typing import Any, Dict

from ecdsa import NIST256p, SigningKey, VerifyingKey
from ecdsa.util import sigdecode_string, sigencode_string

FIRST_LINE = "immis-weighment-1"
NOTHING_BEFORE = "0" * 64
_VALUES = ("counter", "at", "kind", "weight_kg", "stable", "plate", "challan", "raw", "format", "min_kg", "max_kg")


def as_text(data: bytes) -> str:
    """Bytes in base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def as_bytes(text: str) -> bytes:
    """What ``as_text`` wrote; ValueError for anything else."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _line(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def canonical(reading: Dict[str, Any]) -> bytes:
    """What is hashed and signed: one value a line."""
    place = reading.get("place")
    written = f"{place[0]:.6f},{place[1]:.6f}" if place else ""
    values = [_line(reading[name]) for name in _VALUES]
    return "\n".join([FIRST_LINE, *values, written, reading["previous"]]).encode("utf8")


def hash_of(reading: Dict[str, Any]) -> str:
    """What the next reading names as ``previous``."""
    return hashlib.sha256(canonical(reading)).hexdigest()


class Key:
    """The device's own key, made where it is used; the file is for its owner alone and is never handed out."""

    def __init__(self, secret: SigningKey) -> None:
        self._secret = secret

    @classmethod
    def made(cls) -> "Key":
        """A new key."""
        return cls(SigningKey.generate(curve=NIST256p))

    @classmethod
    def kept_in(cls, path: Path) -> "Key":
        """The key of the file; made, and on the disk before it is used, where there is none."""
        if not path.exists():
            secret = SigningKey.generate(curve=NIST256p)
            fresh = path.with_suffix(".new")
            if fresh.exists():
                fresh.unlink()
            with os.fdopen(os.open(str(fresh), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secret.to_pem())
                file.flush()
                os.fsync(file.fileno())
            os.replace(str(fresh), str(path))
        return cls(SigningKey.from_pem(path.read_bytes().decode("ascii")))

    @property
    def public(self) -> str:
        """The uncompressed point, as it is told at pairing."""
        return as_text(self._secret.get_verifying_key().to_string("uncompressed"))

    def sign(self, data: bytes) -> str:
        """The signature of these bytes; the same bytes have the same signature, so that sending again is no news."""
        return as_text(self._secret.sign_deterministic(data, hashfunc=hashlib.sha256, sigencode=sigencode_string))


def signature_fits(public: str, data: bytes, signature: str) -> bool:
    """Whether the holder of the public key signed these bytes; malformed text does not fit."""
    try:
        key = VerifyingKey.from_string(as_bytes(public), curve=NIST256p)
        return bool(key.verify(as_bytes(signature), data, hashfunc=hashlib.sha256, sigdecode=sigdecode_string))
    except Exception:
        return False
