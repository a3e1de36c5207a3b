"""Who stands behind a bid, sealed with a key that the database does not hold, until the lot is over (clause 10).

Bids, the chain and the lot know a bidder only by an alias: HMAC-SHA256 of the party under the lot's own key, which
follows from a key outside the database and a random salt of the lot. No row links alias and party before the close
(ADR 0007); who has the database alone, or a copy of it, can link nothing.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings

from immis.clock import data_dir
from immis.core.errors import Refusal
from immis.core.facts import typed_by_name
from immis.rules.catalogue import Finding

_ALIAS_BYTES, _SALT_BYTES, _NONCE_BYTES = 6, 8, 12


def new_seal() -> str:
    """The seal of a new lot: the name of the key in use, and a salt. It tells nothing without the key."""
    name = next(reversed(_keys(str(data_dir()), settings.SEALING_KEYS)))
    return f"{name}:{secrets.token_hex(_SALT_BYTES)}"


def _keys(folder: str, given: str) -> dict[str, bytes]:
    from immis.core.signing.keyring import sealing_keys  # 7 MB of cryptography: not for processes that judge no bids

    return sealing_keys(folder, given)


@lru_cache(maxsize=4096)
def _lot_key(folder: str, given: str, code: str, seal: str) -> bytes:
    name, _, salt = seal.partition(":")
    key = _keys(folder, given).get(name)
    if key is None:
        raise Refusal(Finding("AUC-106", {"lot": code, "key": name or "—"}))
    return _mac(key, f"lot\0{code}\0{salt}")


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def lot_key(code: str, seal: str) -> bytes:
    """The lot's own key. Raises Refusal (AUC-106) where this machine does not have the key that sealed the lot."""
    return _lot_key(str(data_dir()), settings.SEALING_KEYS, code, seal)


def alias_of(code: str, seal: str, party_id: int) -> str:
    """Under which alias a party stands in the chain of a lot: always the same one. Raises Refusal (AUC-106)."""
    return next(iter(parties_by_alias(code, seal, [party_id])))


def parties_by_alias(code: str, seal: str, parties: Iterable[int]) -> dict[str, int]:
    """Some parties by their aliases in a lot. Raises Refusal (AUC-106)."""
    key = lot_key(code, seal)
    return {_mac(key, f"party\0{party_id}")[:_ALIAS_BYTES].hex(): party_id for party_id in parties}


def kept_findings(findings: Sequence[Finding], code: str, seal: str) -> list[dict[str, Any]]:
    """Findings as an event of a lot keeps them: what speaks of a bidder's other blocks (AUC-06) is encrypted."""
    return [_told(finding, code, seal) for finding in findings]


def _told(finding: Finding, code: str, seal: str) -> dict[str, Any]:
    if finding.code != "AUC-06":
        return {"code": finding.code, "facts": dict(finding.facts)}
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE_BYTES)
    plain = json.dumps(dict(finding.facts), default=str).encode()
    secret = nonce + AESGCM(lot_key(code, seal)).encrypt(nonce, plain, code.encode())
    return {"code": finding.code, "facts": {}, "sealed": secret.hex()}


def read_finding(row: Mapping[str, Any], code: str, seal: str) -> Finding:
    """A finding of an event again, for the bidder whose bid it was. Raises Refusal (AUC-106)."""
    if "sealed" not in row:
        return Finding(row["code"], typed_by_name(row["facts"]))
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    secret = bytes.fromhex(row["sealed"])
    nonce, secret = secret[:_NONCE_BYTES], secret[_NONCE_BYTES:]
    facts = json.loads(AESGCM(lot_key(code, seal)).decrypt(nonce, secret, code.encode()))
    return Finding(row["code"], typed_by_name(facts))
