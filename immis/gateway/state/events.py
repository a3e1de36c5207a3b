"""What is about to be told of a device: one event, not yet in the outbox."""

import json
from dataclasses import dataclass
from typing import Any

from immis.gateway.protocols.packet import instant


@dataclass(frozen=True)
class NewEvent:
    """An event about to be told; instants in seconds since 1970 UTC."""

    kind: str
    imei: str
    vehicle: str
    at_s: float
    received_s: float
    payload: dict[str, Any]
    turn: float = 0.0  # order of arrival within one batch

    def row(self) -> tuple[Any, ...]:
        payload = without_halves(json.dumps(self.payload, ensure_ascii=False))
        return self.kind, self.imei, without_halves(self.vehicle), instant(self.at_s), instant(self.received_s), payload


def without_halves(text: str) -> str:
    """Text without halves of surrogate pairs, which no database takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
