"""The two signed lists that a check post carries: the public keys of passes and the cancelled passes.

Both are JSON objects signed by the root key. The signature (Ed25519, base64url)
covers the object without ``signature``, written with sorted keys, no blanks and
UTF-8 (the RFC 8785 form; the lists hold only text, whole numbers, arrays and
objects). ``kind`` is part of what is signed, so that one list never passes for
the other. No Django, no files, no clock here.
"""

import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from immis.core.signing.keyring import KID_BYTES, b64, unb64

KEYS_KIND = "immis.pass-keys"
CANCELLED_KIND = "immis.pass-cancelled"
VERSION = 1
SIGNED_BY, REVOKED_KEYS = "signed_by", "revoked_keys"
PASS_ID_BYTES = 8
# 100,000 cancelled passes are 1.9 MB; anything far larger is not a list of ours.
MAX_LIST_BYTES = 16_000_000


class ListUnusable(ValueError):
    """A key list or cancelled list cannot be relied upon: says which list and what is wrong with it."""


@dataclass(frozen=True)
class Quota:
    """What a gate may issue in an outage: running numbers of a series (``MUN-26``), in ``[starts_at, ends_at)``."""

    series: str
    first: int
    last: int
    starts_at: datetime
    ends_at: datetime

    def allows(self, number: str, issued_at: datetime) -> bool:
        """Whether a pass of a number and an instant lies within it."""
        series, _dash, running = number.rpartition("-")
        if series != self.series or not (running.isascii() and running.isdecimal()):
            return False
        return self.first <= int(running) <= self.last and self.starts_at <= issued_at < self.ends_at


@dataclass(frozen=True)
class Gate:
    """What a key of a gate may sign: passes of one settlement, in an outage; without a quota nothing."""

    lease: str
    quotas: tuple[Quota, ...] = ()
    revoked_at: datetime | None = None

    def allows(self, number: str, lease: str, issued_at: datetime) -> bool:
        """Whether a pass of a number, a settlement and an instant lies within a quota."""
        return lease == self.lease and any(quota.allows(number, issued_at) for quota in self.quotas)


@dataclass(frozen=True)
class PublicKey:
    """A pass key as published: signs passes issued in ``[not_before, signs_until)``, trusted until ``not_after``.

    ``gate`` says that it is a gate's own, and what that one may sign.
    """

    kid: bytes
    public: bytes
    not_before: datetime
    signs_until: datetime
    not_after: datetime
    gate: Gate | None = None


@dataclass(frozen=True)
class KeyList:
    """The pass keys that a verifier trusts, by ``kid``, as of ``issued_at``; ``root`` signs the lists."""

    issued_at: datetime
    root: bytes
    keys: Mapping[bytes, PublicKey]


@dataclass(frozen=True)
class CancelledList:
    """The passes cancelled or made invalid before their time was over, and revoked keys, as of ``issued_at``."""

    issued_at: datetime
    pass_ids: frozenset[bytes]
    revoked_keys: frozenset[bytes] = frozenset()


def instant_text(at: datetime) -> str:
    """An aware instant as the lists write it: UTC to the second. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError(f"{at} carries no time zone; instants must be aware")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_instant(text: str) -> datetime:
    """The instant of ``instant_text``. Raises ValueError for any other form."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def signed_bytes(body: Mapping[str, Any]) -> bytes:
    """The bytes that the root key signs: the list without its signature, in canonical JSON."""
    bare = {name: value for name, value in body.items() if name != "signature"}
    return json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sign_list(body: Mapping[str, Any], *, root: Ed25519PrivateKey) -> dict[str, Any]:
    """The list with the root key's signature."""
    return {**body, "signature": b64(root.sign(signed_bytes(body)))}


def key_list_body(keys: Iterable[PublicKey], *, root: bytes, at: datetime) -> dict[str, Any]:
    """The unsigned key list, newest key last."""
    rows = [
        {
            "kid": key.kid.hex(),
            "kty": "OKP",
            "crv": "Ed25519",
            "x": b64(key.public),
            "not_before": instant_text(key.not_before),
            "signs_until": instant_text(key.signs_until),
            "not_after": instant_text(key.not_after),
            **({"gate": gate_row(key.gate)} if key.gate else {}),
        }
        for key in sorted(keys, key=lambda key: (key.not_before, key.kid))
    ]
    return {"kind": KEYS_KIND, "version": VERSION, "issued_at": instant_text(at), "root": b64(root), "keys": rows}


def gate_row(gate: Gate) -> dict[str, Any]:
    """What a key of a gate may sign, as the key list writes it."""
    quotas = [
        {
            "series": quota.series,
            "first": quota.first,
            "last": quota.last,
            "starts_at": instant_text(quota.starts_at),
            "ends_at": instant_text(quota.ends_at),
        }
        for quota in gate.quotas
    ]
    revoked = {"revoked_at": instant_text(gate.revoked_at)} if gate.revoked_at else {}
    return {"lease": gate.lease, "quotas": quotas, **revoked}


def read_gate(row: Mapping[str, Any]) -> Gate:
    """The gate of a row of the key list. Raises LookupError, TypeError or ValueError for an odd one."""
    quotas = tuple(
        Quota(
            str(quota["series"]),
            int(quota["first"]),
            int(quota["last"]),
            read_instant(quota["starts_at"]),
            read_instant(quota["ends_at"]),
        )
        for quota in row["quotas"]
    )
    return Gate(str(row["lease"]), quotas, read_instant(row["revoked_at"]) if "revoked_at" in row else None)


def cancelled_body(
    pass_ids: Iterable[bytes], *, at: datetime, signed_by: bytes | None = None, revoked: Iterable[bytes] = ()
) -> dict[str, Any]:
    """The unsigned list of cancelled passes. Raises ValueError for an id that is not 8 bytes."""
    ids = sorted(set(pass_ids))
    odd = [pass_id for pass_id in ids if len(pass_id) != PASS_ID_BYTES]
    if odd:
        raise ValueError(f"pass id {odd[0].hex()} has {len(odd[0])} bytes; an id has {PASS_ID_BYTES}")
    issued_at = instant_text(at)
    by: dict[str, Any] = {SIGNED_BY: signed_by.hex()} if signed_by else {}
    listed = [pass_id.hex() for pass_id in ids]
    if keys := sorted(kid.hex() for kid in set(revoked)):
        by[REVOKED_KEYS] = keys
    return {"kind": CANCELLED_KIND, "version": VERSION, "issued_at": issued_at, "pass_ids": listed, **by}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a name stands twice")
    return result


def list_object(data: bytes | str | Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """A list as an object of its kind and of a known version. Raises ListUnusable."""
    if not isinstance(data, Mapping):
        if len(data) > MAX_LIST_BYTES:
            raise ListUnusable(f"the list has {len(data)} bytes; {MAX_LIST_BYTES} are allowed")
        try:
            data = json.loads(data, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise ListUnusable(f"the list is not readable as JSON: {error}") from error
    if not isinstance(data, Mapping) or data.get("kind") != kind:
        raise ListUnusable(f"this is not a list of kind {kind}")
    if data.get("version") != VERSION:
        raise ListUnusable(f"version {data.get('version')!r} of the list is not known; version {VERSION} is")
    return data


def listed_key(data: Mapping[str, Any], keys: KeyList | None) -> bytes:
    """The public key that a cancelled list names, where the key list has it for that instant."""
    try:
        key = keys.keys[bytes.fromhex(data[SIGNED_BY])] if keys else None
        issued_at = read_instant(data["issued_at"])
    except (LookupError, TypeError, ValueError) as error:
        raise ListUnusable("the key that signed the cancelled list is not in the key list") from error
    if key is None or not key.not_before <= issued_at < key.not_after:
        raise ListUnusable("the key that signed the cancelled list is not in the key list, or past its time")
    return key.public


def check_signature(data: Mapping[str, Any], root: bytes) -> None:
    """Raise ListUnusable unless a key signed the list as it stands."""
    try:
        signature = unb64(data["signature"])
        Ed25519PublicKey.from_public_bytes(root).verify(signature, signed_bytes(data))
    except (InvalidSignature, LookupError, TypeError, ValueError) as error:
        raise ListUnusable(
            "the signature of the list does not fit: it was changed, or another root key signed it"
        ) from error


def _public_key(row: Mapping[str, Any]) -> PublicKey:
    if (row["kty"], row["crv"]) != ("OKP", "Ed25519"):
        raise ValueError("only Ed25519 keys sign passes")
    windows = [read_instant(row[name]) for name in ("not_before", "signs_until", "not_after")]
    gate = read_gate(row["gate"]) if "gate" in row else None
    key = PublicKey(bytes.fromhex(row["kid"]), unb64(row["x"]), *windows, gate)
    Ed25519PublicKey.from_public_bytes(key.public)
    if len(key.kid) != KID_BYTES or windows != sorted(windows):
        raise ValueError(f"key {row['kid']} has an odd id or window")
    return key


def read_key_list(data: bytes | str | Mapping[str, Any], *, root: bytes | None = None) -> KeyList:
    """The keys of a signed key list; with ``root`` given, only a list that this root key signed.

    Raises ListUnusable when it is not such a list, was changed, or another root signed it.
    """
    data = list_object(data, KEYS_KIND)
    try:
        own_root = unb64(data["root"])
        keys = [_public_key(row) for row in data["keys"]]
        issued_at = read_instant(data["issued_at"])
    except (LookupError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise ListUnusable(f"the key list is incomplete or odd: {error}") from error
    if root is not None and own_root != root:
        raise ListUnusable("the key list is signed by another root key than the one you trust")
    check_signature(data, own_root)
    return KeyList(issued_at, own_root, {key.kid: key for key in keys})


def revoked_keys(data: Mapping[str, Any]) -> frozenset[bytes]:
    """The keys of gates that a list, or what changed of it, names as revoked."""
    return frozenset(bytes.fromhex(text) for text in data.get(REVOKED_KEYS, ()))


def read_cancelled_list(
    data: bytes | str | Mapping[str, Any], *, root: bytes, keys: KeyList | None = None
) -> CancelledList:
    """The passes of a signed cancelled list: by the root of the key list, or by the listed pass key that it names.

    A root that lies offline signs no list of every quarter of an hour; ``keys`` are those that it vouches for.
    Raises ListUnusable when it is not such a list, was changed, or another key signed it.
    """
    data = list_object(data, CANCELLED_KIND)
    check_signature(data, root if SIGNED_BY not in data else listed_key(data, keys))
    try:
        pass_ids = frozenset(bytes.fromhex(text) for text in data["pass_ids"])
        return CancelledList(read_instant(data["issued_at"]), pass_ids, revoked_keys(data))
    except (LookupError, TypeError, ValueError) as error:
        raise ListUnusable(f"the cancelled list is incomplete or odd: {error}") from error
