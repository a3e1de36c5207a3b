"""The folder of the installation's keys, and the key that signs its papers of evidence. No Django here.

Under ``$IMMIS_DATA/keys`` (folder 0700, files 0600) each key is a JWK in a file of its own; a key is made when it
is first needed. What others need in order to check stands in ``$IMMIS_DATA/public``.
"""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KID_BYTES = 8
_EVIDENCE = "evidence.json"
_PUBLISHED = "evidence-keys.json"
_SEALING = "sealing.json"
_SEALING_BYTES = 32


def b64(raw: bytes) -> str:
    """Bytes as base64url text without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """The bytes of base64url text without padding. Raises ValueError unless it is the one way to write them."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64(raw) != text:
        raise ValueError("not canonical base64url")
    return raw


def key_folder(data_dir: Path | str) -> Path:
    folder = Path(data_dir) / "keys"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


@contextmanager
def locked(data_dir: Path | str) -> Iterator[Path]:
    """The key folder for one process at a time: two first users must not make two keys."""
    folder = key_folder(data_dir)
    with os.fdopen(os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or nothing; only this account reads it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def new_jwk(private: Ed25519PrivateKey) -> dict[str, str]:
    """A private key as JWK, named by the first bytes of the hash of its public half."""
    public = private.public_key().public_bytes_raw()
    kid = sha256(public).digest()[:KID_BYTES].hex()
    return {"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(public), "d": b64(private.private_bytes_raw())}


def store(folder: Path, name: str, jwk: dict[str, str]) -> None:
    write_atomically(folder / name, json.dumps(jwk, indent=1) + "\n")


@dataclass(frozen=True)
class EvidenceSigner:
    """The key that signs evidence: its public half as JWK, and signing."""

    public: dict[str, str]
    _private: Ed25519PrivateKey

    def sign(self, body: bytes) -> str:
        return b64(self._private.sign(body))


def evidence_signer(data_dir: Path | str, *, at: datetime) -> EvidenceSigner:
    """The installation's key for evidence, made and published (``public/evidence-keys.json``) at its first use."""
    with locked(data_dir) as folder:
        path = folder / _EVIDENCE
        if not path.exists():
            store(folder, _EVIDENCE, {**new_jwk(Ed25519PrivateKey.generate()), "since": at.isoformat()})
        jwk = json.loads(path.read_text(encoding="utf8"))
        public = {name: jwk[name] for name in ("kty", "crv", "kid", "x", "since")}
        published = Path(data_dir) / "public" / _PUBLISHED
        if not published.exists():
            published.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(published, json.dumps({"keys": [public]}, indent=1) + "\n")
    return EvidenceSigner(public, Ed25519PrivateKey.from_private_bytes(unb64(jwk["d"])))


def published_keys(public_dir: Path) -> list[dict[str, str]]:
    """The public keys that check evidence and heads of auctions, as they are published; none before the first use."""
    path = public_dir / _PUBLISHED
    return list(json.loads(path.read_text(encoding="utf8"))["keys"]) if path.exists() else []


def sealing_keys(data_dir: Path | str, given: str = "") -> dict[str, bytes]:
    """The keys that keep identities sealed, by their short names, the one in use last; the first is made when needed.

    ``given`` are the keys of the environment (``NAME:base64url,…``): where there are any, no file is read or made.
    Raises ValueError where ``given`` cannot be read.
    """
    if given:
        pairs = [row.strip().partition(":") for row in given.split(",") if row.strip()]
        keys = {name: unb64(text) for name, _, text in pairs}
        if any(len(key) != _SEALING_BYTES or _sealing_name(key) != name for name, key in keys.items()):
            raise ValueError("a sealing key is not NAME:base64url of 32 bytes, as `immis auction seal new` prints it")
        return keys
    with locked(data_dir) as folder:
        if not (folder / _SEALING).exists():
            _store_sealing(folder, {}, new_sealing_key())
        return _stored_sealing(folder)


def new_sealing_key() -> tuple[str, bytes]:
    """A fresh key and its name: the first bytes of its hash, so that a wrong key is never taken for the right one."""
    key = secrets.token_bytes(_SEALING_BYTES)
    return _sealing_name(key), key


def rotate_sealing_key(data_dir: Path | str) -> str:
    """Add a key that seals from now on; what the old ones sealed stays readable. Answers its name."""
    with locked(data_dir) as folder:
        name, key = new_sealing_key()
        _store_sealing(folder, _stored_sealing(folder) if (folder / _SEALING).exists() else {}, (name, key))
    return name


def _sealing_name(key: bytes) -> str:
    return sha256(b"immis sealing key name" + key).hexdigest()[:8]


def _stored_sealing(folder: Path) -> dict[str, bytes]:
    rows = json.loads((folder / _SEALING).read_text(encoding="utf8"))["keys"]
    return {row["kid"]: unb64(row["k"]) for row in rows}


def _store_sealing(folder: Path, before: dict[str, bytes], newest: tuple[str, bytes]) -> None:
    rows = [{"kty": "oct", "kid": name, "k": b64(key)} for name, key in [*before.items(), newest]]
    write_atomically(folder / _SEALING, json.dumps({"keys": rows}, indent=1) + "\n")
