"""The signature both sides put on what they send: HMAC-SHA-256 of the raw bytes under the shared key."""

import hashlib
import hmac

HEADER = "X-Treasury-Signature"


def signature(body: bytes, *, key: str) -> str:
    """The signature of a raw body, as the header carries it."""
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def is_genuine(body: bytes, sent: str, *, key: str) -> bool:
    """Whether the header's signature is that of the body; an empty key trusts nobody. Takes constant time."""
    return bool(key) and hmac.compare_digest(signature(body, key=key).encode(), sent.encode())
