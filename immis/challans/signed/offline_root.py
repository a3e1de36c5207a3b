"""The root key away from the issuing machine: here lie its public half and the key list that it signed, nothing more.

While ``root.json`` lies in the folder of keys, this machine signs its own lists. When it was carried away
(``immis pass keys carry-away``), ``root-public.json`` and ``list.json`` stand in its place: passes are signed by listed
keys alone, and the list of cancelled passes by the listed key that signs now.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from immis.challans.signed.lists import ListUnusable, read_gate, read_instant, read_key_list, sign_list
from immis.core.signing.keyring import b64, locked, store, unb64, write_atomically

ROOT, PUBLIC, LIST, SINCE = "root.json", "root-public.json", "list.json", "gates-since.json"


def is_offline(folder: Path) -> bool:
    """Whether the root was carried away from this machine."""
    return (folder / PUBLIC).exists()


def public_root(folder: Path) -> bytes | None:
    """The public half of a root that was carried away."""
    return unb64(json.loads((folder / PUBLIC).read_text())["x"]) if is_offline(folder) else None


def signed_list(folder: Path) -> dict[str, Any] | None:
    """The key list that the offline root signed; None while the root is here."""
    if not is_offline(folder):
        return None
    body: dict[str, Any] = json.loads((folder / LIST).read_text(encoding="utf8"))
    return body


def listed_kids(folder: Path) -> frozenset[bytes] | None:
    """The keys that the offline root vouches for; None while the root is here."""
    body = signed_list(folder)
    return None if body is None else frozenset(bytes.fromhex(row["kid"]) for row in body["keys"])


def sign_offline(body: Mapping[str, Any], root_file: Path) -> dict[str, Any]:
    """A key list with the root's signature, made where the root lies. Raises ListUnusable for another root's list."""
    root = read_root(root_file)
    if body.get("root") != b64(root.public_key().public_bytes_raw()):
        raise ListUnusable("this list names another root key than the one in the file")
    signed = sign_list(body, root=root)
    read_key_list(signed)
    return signed


def read_root(path: Path) -> Ed25519PrivateKey:
    """The root key of a file. Raises ListUnusable."""
    try:
        return Ed25519PrivateKey.from_private_bytes(unb64(json.loads(path.read_text())["d"]))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ListUnusable(f"{path.name} is no root key") from error


def install(data_dir: Path | str, signed: Mapping[str, Any], *, at: datetime) -> None:
    """Put a key list in force that the root signed. Raises ListUnusable: another root, changed, older, no key now."""
    with locked(data_dir) as folder:
        root = public_root(folder)
        if root is None:
            raise ListUnusable("the root is on this machine, which signs its own lists: immis pass keys carry-away")
        known = read_key_list(signed, root=root)
        before = read_key_list(json.loads((folder / LIST).read_text()), root=root)
        if known.issued_at < before.issued_at:
            raise ListUnusable("this list is older than the one in force")
        if not any(key.not_before <= at < key.signs_until for key in known.keys.values()):
            raise ListUnusable("this list has no key that signs now: no pass could be issued")
        write_atomically(folder / LIST, json.dumps(signed, indent=1) + "\n")
        _note_gates(folder, signed, at)


def _note_gates(folder: Path, signed: Mapping[str, Any], at: datetime) -> None:
    """Keep since when each quota of a gate stands in the list in force; what stood in it before keeps its instant."""
    before = _since(folder)
    named = [f"{row['kid']}/{quota[0]}-{quota[1]}" for row in signed["keys"] for quota in _quotas(row)]
    since = {name: before.get(name, at.isoformat()) for name in named}
    write_atomically(folder / SINCE, json.dumps(since, indent=1) + "\n")


def _quotas(row: Mapping[str, Any]) -> list[tuple[str, int]]:
    gate = read_gate(row["gate"]) if row.get("gate") else None
    return [(quota.series, quota.first) for quota in gate.quotas] if gate else []


def _since(folder: Path) -> dict[str, str]:
    path = folder / SINCE
    return dict(json.loads(path.read_text())) if path.exists() else {}


def listed_since(data_dir: Path | str, *, kid: str, series: str, first: int) -> datetime | None:
    """Since when the list in force has a gate's key with this quota; None where the offline root did not sign it."""
    with locked(data_dir) as folder:
        known = _since(folder).get(f"{kid}/{series}-{first}")
    return datetime.fromisoformat(known) if known else None


def carry_away(data_dir: Path | str, signed: Mapping[str, Any], to: Path) -> None:
    """Write the root key to a file of its own (a stick), and leave here its public half and the list in force.

    Raises ListUnusable where it was carried away before, and FileExistsError rather than write over a file.
    """
    with locked(data_dir) as folder:
        if is_offline(folder):
            raise ListUnusable("the root was carried away before")
        root = read_root(folder / ROOT)
        with to.open("x", encoding="utf8") as file:
            to.chmod(0o600)
            file.write((folder / ROOT).read_text())
        if read_root(to).private_bytes_raw() != root.private_bytes_raw():
            raise ListUnusable(f"{to.name} does not read back; the root stays here")
        write_atomically(folder / LIST, json.dumps(signed, indent=1) + "\n")
        _note_gates(folder, signed, read_instant(signed["issued_at"]))
        store(folder, PUBLIC, {"kty": "OKP", "crv": "Ed25519", "x": b64(root.public_key().public_bytes_raw())})
        (folder / ROOT).unlink()
