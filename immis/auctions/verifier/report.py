"""What a replay finds, and where it stands."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Report:
    """What a replay found: the result it arrived at, and every place where the document disagrees."""

    lot: str = ""
    events: int = 0
    bids: int = 0
    refused: int = 0
    orders: int = 0
    anchors: list[str] = field(default_factory=list)
    result: str = ""
    winner: str | None = None
    amount_rupees: int | None = None
    ends_at: str = ""
    head: str = ""
    signed_by: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass
class Replay:
    """The state of the auction while its events are replayed."""

    rules: dict[str, Any]
    opens_at: datetime
    closes_at: datetime
    ends_at: datetime
    paused_at: datetime | None = None
    aborted: bool = False
    highest: int | None = None
    leader: str | None = None
    extensions: int = 0
    awaits_extension: datetime | None = None
