"""Software beside a scale, as another maker writes it by the protocol page: a key of its own, a chain, an order."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

PLACE = (25.305, 86.505)
#: Sends a body of JSON to an address with some headers.
Post = Callable[[str, bytes, Mapping[str, str]], Any]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Software:
    """Software beside a scale that keeps to docs/weighbridge-protocol.md, written without the product."""

    def __init__(self, post: Post | None, place: tuple[float, float] = PLACE):
        self.place, self._post, self.key = place, post, ec.generate_private_key(ec.SECP256R1())
        self.counter, self.head, self.device, self.bridge = 0, "0" * 64, "", ""

    @property
    def public_key(self) -> str:
        form = serialization.PublicFormat.UncompressedPoint
        return b64(self.key.public_key().public_bytes(serialization.Encoding.X962, form))

    def sign(self, content: bytes) -> str:
        r, s = decode_dss_signature(self.key.sign(content, ec.ECDSA(hashes.SHA256())))
        return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def pair(self, code: str, at):
        software = {"name": "immis-agent", "version": "1.0.0", "kind": "agent"}
        body = {"code": code, "public_key": self.public_key, "software": software, "at": at.isoformat()}
        answer = self._post("/api/v1/weighbridges/pair", json.dumps(body).encode(), {})
        self.device = answer.json().get("device", "")
        self.bridge = answer.json().get("bridge", {}).get("number", "")
        return answer

    def weigh(self, at, **more) -> dict:
        """The next weighment, signed and chained; ``more`` alters what is signed."""
        row = {
            "counter": self.counter + 1, "at": at.isoformat(timespec="milliseconds"), "kind": "gross",
            "weight_kg": 31_240, "stable": True, "plate": "BR08G1234", "challan": "", "raw": "AiswMTg0NTAw",
            "format": "yaohua-a9", "min_kg": 31_240, "max_kg": 31_240, "place": list(self.place), "previous": self.head,
            **more,
        }  # fmt: skip
        row["signature"] = self.sign(text_of(row).encode())
        digest = hashes.Hash(hashes.SHA256())
        digest.update(text_of(row).encode())
        self.counter, self.head = row["counter"], digest.finalize().hex()
        return row

    def post(self, address: str, body, *, signature: str | None = None):
        content = json.dumps(body).encode()
        header = self.sign(content) if signature is None else signature
        address = f"/api/v1/weighbridges/{self.device}/{address}"
        return self._post(address, content, {"Immis-Signature": header})

    def send(self, rows, at, **more):
        return self.post("readings", {"sent_at": at.isoformat(), "readings": rows}, **more)


def text_of(row) -> str:
    """The canonical text of a weighment, by the words of the protocol page."""
    place = f"{row['place'][0]:.6f},{row['place'][1]:.6f}" if row["place"] else ""
    keys = ("plate", "challan", "raw", "format", "min_kg", "max_kg")
    values = [row["counter"], row["at"], row["kind"], row["weight_kg"], str(row["stable"]).lower()]
    return "\n".join(map(str, ["immis-weighment-1", *values, *(row[key] for key in keys), place, row["previous"]]))
