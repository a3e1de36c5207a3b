"""What the office asks of the State that a load comes from, in its own words: is this challan one of yours?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

#: How the units are written by States, as far as was seen; others say nothing.
_UNITS = {
    **dict.fromkeys(("T", "MT", "TON", "TONNE", "TONNES"), "t"),
    **dict.fromkeys(("M3", "CUM", "CM", "CUBIC METRE"), "m3"),
}


class OriginSilent(Exception):
    """It did not answer, or not with what it promises: ask again later, or look at the paper."""


class OriginUnknown(Exception):
    """It answered, and knows no such challan."""


class OriginForged(Exception):
    """The signature on a challan is not that of its State."""


@dataclass(frozen=True)
class OriginRecord:
    """A challan as its State has it; None or empty where it says nothing.

    Fields are unverified: no State has published what its machine answers.
    """

    number: str
    vehicle: str
    mineral: str
    quantity: Decimal | None
    unit: str
    issued_at: datetime | None
    valid_until: datetime | None
    cancelled: bool = False


class Origin(Protocol):
    """The portal of one State."""

    def challan(self, number: str) -> OriginRecord:
        """What it has of a challan. Raises OriginUnknown, OriginSilent."""


def read_record(answer: Mapping[str, Any]) -> OriginRecord | None:
    """An answer, or the content of a signature, as a challan; None where it names no number or cannot be read."""
    number = str(answer.get("number") or "").strip()[:40]
    if not number:
        return None
    try:
        return OriginRecord(
            number=number,
            vehicle="".join(str(answer.get("vehicle") or "").split()).replace("-", "").upper()[:12],
            mineral=str(answer.get("mineral") or "")[:40],
            quantity=_quantity(answer.get("quantity")),
            unit=_UNITS.get(str(answer.get("unit") or "").strip().upper(), ""),
            issued_at=_instant(answer.get("issued_at")),
            valid_until=_instant(answer.get("valid_until")),
            cancelled=str(answer.get("status") or "").strip().upper() in ("CANCELLED", "CANCELED", "VOID"),
        )
    except (ValueError, OverflowError, OSError, InvalidOperation):
        return None


def _quantity(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    quantity = Decimal(str(value))
    if not quantity.is_finite() or not 0 < quantity < 1_000_000:
        raise ValueError("no quantity of a load")
    return quantity


def _instant(value: Any) -> datetime | None:
    if value in (None, ""):
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    at = datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError("an instant without its zone")
    return at
