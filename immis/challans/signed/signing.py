"""Signing a pass: a COSE_Sign1 with Ed25519 (RFC 9052), in an address for any phone or in a small form for slips."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from immis.challans.signed.facts import MAX_NAME_CHARS, PassFacts, written
from immis.challans.signed.lists import PublicKey
from immis.challans.signed.text import MAX_PASS_BYTES, small_text, url_text
from immis.late import late

if TYPE_CHECKING:
    import cwt
else:
    cwt = late("cwt")

# What a QR of version 15 at level M holds (ISO/IEC 18004, table 7); names are shortened until it does.
_QR_BITS, _QR_HEADS = 3320, 40
_NAME_CHARS = (MAX_NAME_CHARS, 30, 24, 18, 12, 8)

EDDSA, ED25519, OKP = -8, 6, 1
ALG, KID = 1, 4


@dataclass(frozen=True)
class Signer:
    """A pass key that may sign passes issued in ``[not_before, signs_until)``; its secret never shows in a log."""

    public_key: PublicKey
    private: bytes = field(repr=False)

    @property
    def kid(self) -> bytes:
        return self.public_key.kid


@lru_cache(maxsize=8)
def _private_cose_key(key: Signer) -> Any:
    return cwt.COSEKey.new({1: OKP, 2: key.kid, 3: EDDSA, -1: ED25519, -2: key.public_key.public, -4: key.private})


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
        written(facts, base_url, most),
        _private_cose_key(key),
        protected={ALG: EDDSA, KID: key.kid},
        unprotected={},
    )
    if len(raw) > MAX_PASS_BYTES:
        raise ValueError(f"pass {facts.number} takes {len(raw)} bytes; {MAX_PASS_BYTES} are allowed")
    return raw


def _fits_qr(text: str) -> bool:
    """The address counts eight bits a sign, what follows its # eleven bits two signs (alphanumeric)."""
    head, _hash, body = text.partition("#")
    return 8 * (len(head.encode()) + 1) + (11 * len(body) + 1) // 2 + _QR_HEADS <= _QR_BITS
