"""Who is barred from tenders at an instant, out of the register of debarments (E-031, E-033)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from immis.registers.selectors import Entry, having
from immis.rules.calendar import india_day

DEBARMENTS = "debarments"


@dataclass(frozen=True)
class Debarment:
    """An order that bars a PAN from tenders for a time, of this system or of another office."""

    number: str
    pan: str
    order_number: str
    cause: str
    district: str
    from_on: date
    until_on: date
    lifted_on: date | None

    @classmethod
    def of(cls, entry: Entry) -> "Debarment":
        """The order that an entry of the register keeps."""
        days = {
            name: date.fromisoformat(entry.values[name])
            for name in ("from_on", "until_on", "lifted_on")
            if name in entry.values
        }
        texts = {name: entry.values[name] for name in ("pan", "order_number", "cause")}
        return cls(number=entry.number, district=entry.district, **texts, **{"lifted_on": None, **days})  # type: ignore[arg-type]

    def bars_on(self, day: date) -> bool:
        """Whether it bars on a day: its first and its last one count, that of its lifting does not."""
        return self.from_on <= day <= self.until_on and (self.lifted_on is None or day < self.lifted_on)


def debarments_of(pans: Iterable[str]) -> list[Debarment]:
    """Every debarment of holders of these PANs, lifted or over or not, as it was entered."""
    return [Debarment.of(entry) for entry in having(DEBARMENTS, "pan", pans)]


def debarments_on(pans: Iterable[str], *, at: datetime) -> list[Debarment]:
    """The debarments in force on holders of these PANs, from any district, the longest first (E-033)."""
    rows = [row for row in debarments_of(pans) if row.bars_on(india_day(at))]
    return sorted(rows, key=lambda row: row.until_on, reverse=True)


def debarment_of(pans: Iterable[str], *, at: datetime) -> Debarment | None:
    """The debarment in force on holders of these PANs that lasts longest (E-033)."""
    return next(iter(debarments_on(pans, at=at)), None)
