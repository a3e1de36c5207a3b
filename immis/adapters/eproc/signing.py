"""The detached signature of an export: Ed25519 (preferred) or HMAC-SHA-256, over the raw bytes of the file.

As text: ``ed25519:<base64>`` or ``hmac-sha256:<hex>``.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from immis.adapters.eproc.port import EprocForged

_LEAST_HMAC_KEY = 16


def new_key() -> tuple[str, str]:
    """A new key pair: the private key and the public key, each as base64 of its 32 bytes."""
    private = Ed25519PrivateKey.generate()
    return _text(private.private_bytes_raw()), _text(private.public_key().public_bytes_raw())


def sign(content: bytes, *, private_key: str) -> str:
    """The signature of an export by a private key of ``new_key``. Raises ValueError for what is no key."""
    private = Ed25519PrivateKey.from_private_bytes(_raw(private_key))
    return f"ed25519:{_text(private.sign(content))}"


def sign_shared(content: bytes, *, key: str) -> str:
    """The signature of an export under a shared key, where E-Proc cannot keep a private one."""
    return "hmac-sha256:" + hmac.new(key.encode(), content, hashlib.sha256).hexdigest()


def check_signature(content: bytes, signature: str, *, public_keys: Sequence[str] = (), shared_key: str = "") -> str:
    """Who signed: ``ed25519:<start of the key>`` or ``hmac-sha256``. Raises EprocForged; without keys trusts nobody."""
    method, _, value = signature.strip().partition(":")
    if method == "ed25519":
        for key in public_keys:
            if _fits(content, value, key):
                return f"ed25519:{key[:12]}"
    if method == "hmac-sha256" and len(shared_key) >= _LEAST_HMAC_KEY:
        wanted = sign_shared(content, key=shared_key)
        if hmac.compare_digest(wanted.encode(), f"{method}:{value.strip()}".encode()):
            return method
    raise EprocForged("the signature fits none of the keys in the settings")


def _fits(content: bytes, value: str, key: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(_raw(key)).verify(_raw(value), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
