"""The signature over the head of a chain: Ed25519 as RFC 8032 writes it."""

import base64
import hashlib
from collections.abc import Collection
from typing import Any

from immis.auctions.verifier.report import Report


def head_is_signed(lot: str, head: str, signature: str, key: str) -> bool:
    """Whether a signature (base64url) over a lot and the head of its chain was made with a public key (base64url)."""
    payload = f"immis-auction-head/1\n{lot}\n{head}\n".encode()
    try:
        return _ed25519_holds(_unb64(key), _unb64(signature), payload)
    except (ValueError, TypeError):
        return False


def check_signature(document: dict[str, Any], keys: Collection[str] | None, report: Report) -> None:
    signed = document.get("signed")
    if signed is None:
        if keys is not None:
            report.problems.append("the head is not signed")
        return
    key = signed["key"]
    named = hashlib.sha256(_unb64(key["x"])).hexdigest()[:16]
    if set(signed) != {"key", "signature"} or key != {"crv": "Ed25519", "kty": "OKP", "kid": named, "x": key["x"]}:
        report.problems.append("the signing key is not described as it should be")
    if not report.problems and not head_is_signed(document["lot"], document["head"], signed["signature"], key["x"]):
        report.problems.append("the signature does not fit the head")
    if keys is not None and key["x"] not in keys:
        report.problems.append("the head is signed with a key that is not among those given")
    report.signed_by = key["kid"]


def _unb64(text: str) -> bytes:
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError("not the one way to write it in base64url")
    return raw


# Ed25519 after RFC 8032, verification only, so that this file needs nothing but Python.
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_Point = tuple[int, int, int, int]  # x = X/Z, y = Y/Z, x·y = T/Z
_ZERO: _Point = (0, 1, 1, 0)


def _ed25519_holds(key: bytes, signature: bytes, message: bytes) -> bool:
    if len(key) != 32 or len(signature) != 64:
        return False
    public, point = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if public is None or point is None or s >= _ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _ORDER
    left, right = _times(s, _BASE), _add(point, _times(h, public))
    return all((a * right[2] - b * left[2]) % _P == 0 for a, b in zip(left[:2], right[:2], strict=True))


def _point(raw: bytes) -> _Point | None:
    sign, y = raw[31] >> 7, int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _add(point: _Point, two: _Point) -> _Point:
    a, b = (point[1] - point[0]) * (two[1] - two[0]) % _P, (point[1] + point[0]) * (two[1] + two[0]) % _P
    c, d = 2 * point[3] * two[3] * _D % _P, 2 * point[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: _Point) -> _Point:
    total = _ZERO
    while number:
        if number & 1:
            total = _add(total, point)
        point, number = _add(point, point), number >> 1
    return total


_BASE = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little")) or _ZERO
