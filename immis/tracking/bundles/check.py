"""Checking an evidence bundle from its file alone: signature, hashes, and that the rows follow from the raw frames.

No database and no Django: a court's own expert runs it, and can do the same by hand as the bundle's README says.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from immis.core.signing.keyring import unb64
from immis.gateway.protocols.decode import decode_frame

KIND = "immis.evidence/1"
MANIFEST, SIGNATURE, README = "manifest.json", "signature.json", "README.txt"
FRAMES, POSITIONS = "raw/frames.jsonl", "positions.csv"
_MOST_BYTES = 512 * 1024 * 1024
#: A court's own expert may give a bundle more than an upload is given (UPL-01): every frame is decoded again.
LIMITS = {"cpu_s": 600, "wall_s": 900, "memory_mb": 3072}


class Unreadable(ValueError):
    """The file is no evidence bundle at all."""


@dataclass
class Verdict:
    """What was checked: ``faults`` names each part that does not hold; none means that the bundle is genuine."""

    manifest: dict[str, Any] = field(default_factory=dict)
    kid: str = ""
    known_key: bool | None = None  # None: no list of keys was given
    frames: int = 0
    rows: int = 0
    rows_from_frames: int = 0
    faults: list[dict[str, str]] = field(default_factory=list)

    @property
    def genuine(self) -> bool:
        return not self.faults

    def fault(self, part: str, why: str) -> None:
        self.faults.append({"part": part, "why": why})


def check(path: Path, *, keys: Mapping[str, Any] | None = None) -> Verdict:
    """Check a bundle; ``keys`` is the published list of evidence keys. Raises Unreadable."""
    parts = _parts(path)
    verdict = Verdict(manifest=_json(parts, MANIFEST))
    if verdict.manifest.get("kind") != KIND:
        raise Unreadable("the manifest is none of an evidence bundle")
    _check_signature(parts, verdict, keys)
    _check_hashes(parts, verdict)
    if verdict.genuine:
        _check_rows(parts, verdict)
    return verdict


def _parts(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as file:
            if sum(row.file_size for row in file.infolist()) > _MOST_BYTES:
                raise Unreadable("the bundle is larger than any of ours")
            names = [row.filename for row in file.infolist()]
            if len(set(names)) != len(names):
                raise Unreadable("the bundle has one part twice")
            return {name: _part(file, name) for name in names}
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(f"no ZIP that can be read: {error}") from None


def _part(file: zipfile.ZipFile, name: str) -> bytes:
    """One part as it stands; what its own check sum denies is read as far as it goes, for its hash to refuse it."""
    try:
        return file.read(name)
    except (zipfile.BadZipFile, zipfile.zlib.error, EOFError):  # type: ignore[attr-defined]
        return b""


def _json(parts: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        payload = json.loads(parts[name])
    except (KeyError, ValueError):
        raise Unreadable(f"{name} is missing or unreadable") from None
    if not isinstance(payload, dict):
        raise Unreadable(f"{name} is no object")
    return payload


def _check_signature(parts: Mapping[str, bytes], verdict: Verdict, keys: Mapping[str, Any] | None) -> None:
    try:
        payload = _json(parts, SIGNATURE)
        public = Ed25519PublicKey.from_public_bytes(unb64(payload["key"]["x"]))
        verdict.kid = hashlib.sha256(unb64(payload["key"]["x"])).digest()[:8].hex()
        public.verify(unb64(payload["signature"]), parts[MANIFEST])
    except (Unreadable, InvalidSignature, KeyError, TypeError, ValueError, AttributeError):
        verdict.fault(SIGNATURE, "the signature does not fit the manifest")
        return
    if keys is not None:
        verdict.known_key = any(key.get("x") == payload["key"]["x"] for key in keys.get("keys", []))
        if not verdict.known_key:
            verdict.fault(SIGNATURE, f"the key {verdict.kid} is none of the published ones")


def _check_hashes(parts: Mapping[str, bytes], verdict: Verdict) -> None:
    files = verdict.manifest.get("files")
    files = files if isinstance(files, dict) else {}
    for name, file in files.items():
        if name not in parts:
            verdict.fault(name, "the part is missing")
        elif hashlib.sha256(parts[name]).hexdigest() != file.get("sha256"):
            verdict.fault(name, "the part was changed: its SHA-256 is another")
    for name in sorted(set(parts) - set(files) - {MANIFEST, SIGNATURE}):
        verdict.fault(name, "the part is not in the manifest")


def _check_rows(parts: Mapping[str, bytes], verdict: Verdict) -> None:
    """Decode each raw frame again and count the rows that it gives: position and speed as they stand."""
    read: dict[int, set[tuple[float, float]]] = {}
    for line in parts.get(FRAMES, b"").decode("utf8").splitlines():
        payload = json.loads(line)
        verdict.frames += 1
        for packet in decode_frame(payload["frame"].encode("latin-1")):
            if packet.lat is not None and packet.lon is not None:
                read.setdefault(payload["ref"], set()).add((round(packet.lat, 6), round(packet.lon, 6)))
    for row in csv.DictReader(io.StringIO(parts.get(POSITIONS, b"").decode("utf8"))):
        if row["lat"] and row["lon"]:
            verdict.rows += 1
            place = (round(float(row["lat"]), 6), round(float(row["lon"]), 6))
            verdict.rows_from_frames += place in read.get(int(row["raw_ref"] or -1), set())
