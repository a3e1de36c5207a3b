"""A challan that its State signed: a JWS (RFC 7515) in its QR, checked with the public key of the State."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from immis.adapters.origins.port import OriginForged, OriginRecord, read_record
from immis.late import late

if TYPE_CHECKING:
    import jwt
else:
    jwt = late("jwt")

#: Only signatures with a public key: one by a shared secret, or by none, could be made by anybody.
ALGORITHMS = ("EdDSA", "ES256", "RS256", "PS256")
MOST_CHARS = 4096


def key_file(folder: Path | str, state: str) -> Path:
    """Where the public key of a State lies: ``<letters of its plates>.pem``."""
    return Path(folder) / f"{state}.pem"


class SignedOrigin:
    """The challans of one State, by its public key (PEM)."""

    def __init__(self, pem: bytes):
        self._pem = pem

    def read(self, text: str) -> OriginRecord:
        """The challan that a signed text carries. Raises OriginForged."""
        if len(text) > MOST_CHARS:
            raise OriginForged("too long")
        try:
            payload: Any = json.loads(jwt.api_jws.decode(text.strip(), self._pem, algorithms=list(ALGORITHMS)))
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as fault:
            raise OriginForged(type(fault).__name__) from fault
        record = read_record(payload) if isinstance(payload, dict) else None
        if record is None:
            raise OriginForged("no challan in it")
        return record
