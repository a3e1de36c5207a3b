"""A passkey in software, as people hold one at a log-in."""

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

RP = "localhost"
ORIGIN = "https://localhost"
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Passkey:
    """One key of one person, as a browser hands on what it answers."""

    def __init__(self) -> None:
        self.key, self.id, self.uses, self.user = (
            ec.generate_private_key(ec.SECP256R1()),
            secrets.token_bytes(16),
            0,
            b"",
        )

    def made(self, options: dict, *, origin: str = ORIGIN) -> str:
        """The answer to the options of a page that adds a key."""
        self.user = _bytes(options["publicKey"]["user"]["id"])
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        data = self._data(_PRESENT | _VERIFIED | _ATTESTED) + attested
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options, origin)
        return self._answer({"clientDataJSON": _text(client), "attestationObject": _text(attestation)})

    def used(self, options: dict, *, origin: str = ORIGIN) -> str:
        """The answer to the options of a page that asks for a key."""
        data, client = self._data(_PRESENT | _VERIFIED), self._client("webauthn.get", options, origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature, "userHandle": self.user}
        return self._answer({name: _text(part) for name, part in parts.items()})

    def _data(self, flags: int) -> bytes:
        self.uses += 1
        return hashlib.sha256(RP.encode()).digest() + bytes([flags]) + struct.pack(">I", self.uses)

    def _client(self, kind: str, options: dict, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": options["publicKey"]["challenge"], "origin": origin}).encode()

    def _answer(self, response: dict) -> str:
        own = _text(self.id)
        credential = {"id": own, "rawId": own, "type": "public-key", "clientExtensionResults": {}, "response": response}
        return json.dumps(credential)
