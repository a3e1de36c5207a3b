"""What the computer beside a weighbridge asks its camera and its plate or RFID reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class EyesUnreachable(Exception):
    """The camera or reader did not answer, or not with what it promises: ask again later."""


@dataclass(frozen=True)
class Glance:
    """What a reader saw: ``kind`` plate or rfid, ``value`` as it read it, ``plate`` the mark where it knows one."""

    mark: str
    at: str
    kind: str
    value: str
    plate: str = ""


class Camera(Protocol):
    """A camera that looks at the platform."""

    def picture(self) -> bytes:
        """What it sees now, as JPEG or PNG. Raises EyesUnreachable."""


class Reader(Protocol):
    """A plate or RFID reader."""

    def glances(self, after: str) -> Sequence[Glance]:
        """What it saw behind a mark, oldest first. Raises EyesUnreachable."""


def read_glance(row: Any) -> Glance | None:
    """A row of a reader; None where it cannot be read."""
    try:
        glance = Glance(
            str(row["id"]), str(row["at"]), str(row["kind"]), str(row["value"]), str(row.get("plate") or "")
        )
    except (KeyError, TypeError, AttributeError):
        return None
    fits = glance.kind in ("plate", "rfid") and 0 < len(glance.value) <= 60 and len(glance.plate) <= 16
    return glance if fits and glance.value.isprintable() and glance.plate.isprintable() else None
