"""Signing the head of a lot's chain: with the installation's key for evidence, whose public half is open data."""

from datetime import datetime
from typing import Any

from immis.clock import data_dir
from immis.core.signing.keyring import evidence_signer

_PUBLIC = ("crv", "kid", "kty", "x")


def signed_head(code: str, head: str, *, at: datetime) -> dict[str, Any]:
    """The signature over a lot and the hash at which its chain stands, with the public key as JWK.

    Ed25519 over ``immis-auction-head/1``, lot and hash, a line each; the replay (``verifier``) reads it without us.
    """
    signer = evidence_signer(data_dir(), at=at)
    payload = f"immis-auction-head/1\n{code}\n{head}\n".encode()
    return {"key": {name: signer.public[name] for name in _PUBLIC}, "signature": signer.sign(payload)}
