"""A gate's device as an outsider would build one: its own key, its book, passes that it signs; no product code."""

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Gate:
    """A device with a key and a book; ``pack`` is what it last took from the office."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes_raw()
        self.kid = sha256(self.public).digest()[:8]
        self.pack: dict[str, Any] = {}
        self.lines: list[dict[str, Any]] = []

    @property
    def code(self) -> str:
        text = self.kid.hex().upper()
        return f"{text[:4]}-{text[4:8]}"

    def asks(self, lease: str, device: str = "Tablet at the gate") -> dict[str, str]:
        """What hands the key in, with the proof that the device has its other half."""
        public = b64(self.public)
        proof = b64(self.key.sign(f"immis.gate-key:{lease}:{public}".encode()))
        return {"lease": lease, "device": device, "public": public, "proof": proof}

    def copy(self) -> "Gate":
        """Another device with the same key and book: a clone."""
        other = Gate()
        other.key, other.public, other.kid = self.key, self.public, self.kid
        other.pack, other.lines = self.pack, list(self.lines)
        return other

    def issue(
        self, mark: str, place: str, at: datetime, *, m3: str = "8.5", driver: str = "Ram", **changes: Any
    ) -> dict[str, Any]:
        """One more pass, written into the book; ``changes`` bend fields of the pass (trip) or of the line."""
        counter = changes.pop("counter", self.pack["quota"]["used"] + len(self.lines) + 1)
        text = self._pass(mark, place, at, m3, counter, changes.pop("trip", {}), changes.pop("minutes", None))
        line_at = changes.pop("line_at", int(at.timestamp() * 1000))
        prev = digest(self.lines[-1]) if self.lines else self.pack["quota"]["head"]
        line = {
            "kind": "immis.gate-line", "version": 1, "quota": self.pack["quota"]["number"], "kid": self.kid.hex(),
            "counter": counter, "prev": prev, "at": line_at, "held": self.pack["held"], "text": text,
            "place": place, "driver": driver, "licence": "", "phone": "", **changes,
        }  # fmt: skip
        signed = {**line, "signature": b64(self.key.sign(canonical(line)))}
        self.lines.append(signed)
        return signed

    def _pass(
        self, mark: str, place: str, at: datetime, m3: str, counter: int, bent: dict[int, Any], minutes: int | None
    ) -> str:
        pack, quota = self.pack, self.pack["quota"]
        where = next((row for row in pack["places"] if row["code"] == place), None) or pack["places"][0]
        until = at + timedelta(minutes=minutes or where["minutes"]["truck"])
        number = f"{quota['series']}-{quota['first'] + counter - 1:06d}"
        trip = {
            0: 1, 1: number, 2: mark, 3: pack["mineral"], 4: int(float(m3) * 1000), 6: pack["lease"]["hi"],
            7: pack["lease"]["place"], 8: pack["lease"]["number"], 9: where["hi"], 10: where["metres"],
            12: pack["lease"]["settlee"], **bent,
        }  # fmt: skip
        claims = {1: pack["issuer"], 4: int(until.timestamp()), 6: int(at.timestamp()), 7: secrets.token_bytes(8)}
        payload = cbor2.dumps({**claims, -65537: trip}, canonical=True)
        header = cbor2.dumps({1: -8, 4: self.kid}, canonical=True)
        signature = self.key.sign(cbor2.dumps(["Signature1", header, b"", payload], canonical=True))
        raw = cbor2.dumps(cbor2.CBORTag(18, [header, {}, payload, signature]), canonical=True)
        return f"{pack['issuer']}/verify#{base64.b32encode(raw).decode().rstrip('=')}"


def digest(line: dict[str, Any]) -> str:
    return sha256(canonical({name: value for name, value in line.items() if name != "signature"})).hexdigest()


def sent_at_ms(at: datetime) -> int:
    """A device's clock as it sends."""
    return int(at.astimezone(UTC).timestamp() * 1000)
