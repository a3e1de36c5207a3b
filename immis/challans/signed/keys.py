"""The keys of this installation: who signs passes now, and the lists that let others check them.

Under ``$IMMIS_DATA/keys`` (folder 0700, files 0600) lie ``root.json`` and one
``pass-<kid>.json`` a pass key, each a JWK with its windows. A key is made when it
is first needed. What the public needs is written to ``$IMMIS_DATA/public``.
"""

import json
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from immis.challans.signed import changes, gates, offline_root
from immis.challans.signed.lists import (
    ListUnusable,
    PublicKey,
    cancelled_body,
    instant_text,
    key_list_body,
    read_instant,
    sign_list,
)
from immis.challans.signed.signing import Signer
from immis.core.signing.keyring import locked, new_jwk, store, unb64, write_atomically

# A new key counts a week before its making, so that a check-post clock that lags still knows it (ADR 0006).
LEAD_TIME = timedelta(days=7)
SIGNS_FOR = timedelta(days=365)
# Passes signed on a key's last day live on; after this the key is trusted for nothing.
OVERLAP = timedelta(days=30)
_SETTLED_NS = 1_000_000_000


def _root(folder: Path) -> Ed25519PrivateKey:
    path = folder / "root.json"
    if not path.exists():
        store(folder, path.name, new_jwk(Ed25519PrivateKey.generate()))
    return Ed25519PrivateKey.from_private_bytes(unb64(json.loads(path.read_text())["d"]))


def _signer(path: Path) -> Signer:
    jwk = json.loads(path.read_text())
    windows = [read_instant(jwk[name]) for name in ("not_before", "signs_until", "not_after")]
    return Signer(PublicKey(bytes.fromhex(jwk["kid"]), unb64(jwk["x"]), *windows), unb64(jwk["d"]))


def _signers(folder: Path) -> list[Signer]:
    """All pass keys of a folder, read again when anything was written into it.

    A folder that changed within the last second is read each time: its mark may not tell two changes apart.
    """
    stamp_ns = folder.stat().st_mtime_ns
    if time.time_ns() - stamp_ns < _SETTLED_NS:
        return _read_signers(folder)
    return list(_settled_signers(folder, stamp_ns))


@lru_cache(maxsize=4)
def _settled_signers(folder: Path, stamp_ns: int) -> tuple[Signer, ...]:
    return tuple(_read_signers(folder))


def _read_signers(folder: Path) -> list[Signer]:
    signers = [_signer(path) for path in folder.glob("pass-*.json")]
    return sorted(signers, key=lambda signer: (signer.public_key.signs_until, signer.kid))


def _store_pass_key(folder: Path, jwk: dict[str, str], *, not_before: datetime, signs_until: datetime) -> Signer:
    windows = {
        "not_before": instant_text(not_before),
        "signs_until": instant_text(signs_until),
        "not_after": instant_text(signs_until + OVERLAP),
    }
    name = f"pass-{jwk['kid']}.json"
    store(folder, name, {**jwk, **windows})
    return _signer(folder / name)


def _new_signer(folder: Path, at: datetime) -> Signer:
    jwk = new_jwk(Ed25519PrivateKey.generate())
    return _store_pass_key(folder, jwk, not_before=at - LEAD_TIME, signs_until=at + SIGNS_FOR)


def _current(folder: Path, at: datetime) -> Signer | None:
    listed = offline_root.listed_kids(folder)
    in_force = [s for s in _signers(folder) if s.public_key.not_before <= at < s.public_key.signs_until]
    in_force = in_force if listed is None else [s for s in in_force if s.kid in listed]
    return in_force[-1] if in_force else None


def signs_until(data_dir: Path | str, *, at: datetime) -> datetime | None:
    """Until when passes can be signed without anybody doing anything; None where no key signs at this instant.

    Where the root lies offline that is the end of the last listed key that follows on without a gap.
    """
    with locked(data_dir) as folder:
        listed = offline_root.listed_kids(folder)
        spans = [s.public_key for s in _signers(folder) if listed is None or s.kid in listed]
    until = at
    for span in sorted(spans, key=lambda key: key.not_before):
        if span.not_before <= until < span.signs_until:
            until = span.signs_until
    return None if until == at else until


def load_signer(data_dir: Path | str, *, at: datetime) -> Signer:
    """The key that signs passes issued at this instant; made now when there is none.

    Raises ListUnusable where the root lies offline and its list has no key for now.
    """
    with locked(data_dir) as folder:
        if (signer := _current(folder, at)) is not None:
            return signer
        if offline_root.is_offline(folder):
            raise ListUnusable("no listed pass key signs now, and the root is offline: immis pass keys request")
        return _new_signer(folder, at)


def rotate(data_dir: Path | str, *, at: datetime, withdraw: bool = False) -> Signer:
    """A new pass key from now on; the old one stays trusted for passes it signed before.

    With ``withdraw`` (the key leaked) the old one leaves the list: all its passes stop being genuine.
    Raises ListUnusable where the root lies offline: its list is renewed there.
    """
    with locked(data_dir) as folder:
        if offline_root.is_offline(folder):
            raise ListUnusable("the root is offline: immis pass keys request, sign, install")
        old = _current(folder, at)
        if old is not None:
            path = folder / f"pass-{old.kid.hex()}.json"
            if withdraw:
                path.rename(path.with_name(f"withdrawn-{old.kid.hex()}.json"))
            else:
                jwk, begins_at = json.loads(path.read_text()), old.public_key.not_before
                _store_pass_key(folder, jwk, not_before=begins_at, signs_until=at)
        return _new_signer(folder, at)


def _trusted(folder: Path, at: datetime) -> list[PublicKey]:
    """The pass keys that are still trusted, and the keys of gates."""
    own = [signer.public_key for signer in _signers(folder)]
    return [key for key in [*own, *gates.listed(folder)] if at < key.not_after]


def public_key_list(data_dir: Path | str, *, at: datetime) -> dict[str, Any]:
    """The signed key list of every pass key that is still trusted, as a JSON object (see ``pass_lists``)."""
    with locked(data_dir) as folder:
        if (signed := offline_root.signed_list(folder)) is not None:
            return signed
        root = _root(folder)
        trusted = _trusted(folder, at)
    return sign_list(key_list_body(trusted, root=_public(root), at=at), root=root)


def cancelled_list(pass_ids: Iterable[bytes], *, at: datetime, data_dir: Path | str) -> dict[str, Any]:
    """The signed list of passes that are cancelled or invalid and whose time is not over, as a JSON object.

    Raises ValueError for a pass id that is not 8 bytes.
    """
    with locked(data_dir) as folder:
        revoked = [key.kid for key in gates.listed(folder) if key.gate and key.gate.revoked_at]
        key, signed_by = _signs_cancelled(folder, at)
        return sign_list(cancelled_body(pass_ids, at=at, signed_by=signed_by, revoked=revoked), root=key)


def _signs_cancelled(folder: Path, at: datetime) -> tuple[Ed25519PrivateKey, bytes | None]:
    """The root, or where it lies offline the pass key of now, which the list then names."""
    if not offline_root.is_offline(folder):
        return _root(folder), None
    signer = _current(folder, at)
    if signer is None:
        raise ListUnusable("no listed pass key signs now, and the root is offline: immis pass keys request")
    return Ed25519PrivateKey.from_private_bytes(signer.private), signer.kid


def cancelled_changes(now: dict[str, Any], *, at: datetime, data_dir: Path | str) -> dict[str, Any]:
    """The signed steps from the lists published in the last day to a new one; what was published before is read.

    Where nothing legible was published, it has no step.
    """
    folder = Path(data_dir) / "public"
    before, published = (_published(folder / name) for name in ("cancelled.json", "cancelled-changes.json"))
    steps = []
    if before and before["issued_at"] <= now["issued_at"]:
        leads_here = published is not None and published.get("issued_at") == before["issued_at"]
        steps = [*(changes.steps_of(published) if published and leads_here else ()), changes.step_between(before, now)]
    with locked(data_dir) as keys:
        return sign_list(changes.changes_body(steps, now), root=_signs_cancelled(keys, at)[0])


def _published(path: Path) -> dict[str, Any] | None:
    try:
        body = json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError):
        return None
    return body if isinstance(body, dict) and "issued_at" in body else None


def next_list(data_dir: Path | str, *, at: datetime) -> dict[str, Any]:
    """The unsigned key list with a pass key for the coming year: what the root is asked to sign, offline."""
    with locked(data_dir) as folder:
        new = _new_signer(folder, at)
        listed = offline_root.listed_kids(folder)
        shown = [
            key for key in _trusted(folder, at) if listed is None or key.gate or key.kid in listed or key.kid == new.kid
        ]
        return key_list_body(shown, root=offline_root.public_root(folder) or _public(_root(folder)), at=at)


def _public(root: Ed25519PrivateKey) -> bytes:
    return root.public_key().public_bytes_raw()


def write_public(data_dir: Path | str, *, pass_ids: Iterable[bytes], at: datetime) -> tuple[Path, Path]:
    """Publish both lists as ``public/keys.json`` and ``public/cancelled.json``; a reader never sees half a file.

    Beside them stands what changed since, ``public/cancelled-changes.json``.
    """
    cancelled = cancelled_list(pass_ids, at=at, data_dir=data_dir)
    lists = {
        "keys.json": public_key_list(data_dir, at=at),
        "cancelled-changes.json": cancelled_changes(cancelled, at=at, data_dir=data_dir),
        "cancelled.json": cancelled,
    }
    folder = Path(data_dir) / "public"
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in lists.items():
        write_atomically(folder / name, json.dumps(body, indent=1, ensure_ascii=False) + "\n")
    return folder / "keys.json", folder / "cancelled.json"
