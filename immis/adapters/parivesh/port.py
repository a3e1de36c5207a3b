"""What the office asks of PARIVESH, in its own words, and how an answer of theirs is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol


class PariveshUnreachable(Exception):
    """It did not answer, or not with what it promises: ask again later."""


class ProposalUnknown(Exception):
    """It answered, and knows no such proposal."""


@dataclass(frozen=True)
class Proposal:
    """Where one proposal stands; ``body`` is the answer as it came."""

    number: str
    status: str
    status_on: date | None
    agency: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One line of a proposal's own history."""

    on: date | None
    status: str
    remarks: str = ""


class Parivesh(Protocol):
    """The portal."""

    def proposal(self, number: str) -> Proposal:
        """Where a proposal stands now. Raises ProposalUnknown, PariveshUnreachable."""

    def history(self, number: str) -> list[Step]:
        """What happened to a proposal, oldest first. Raises PariveshUnreachable."""

    def search(self, *, from_on: date, to_on: date, state: int = 10) -> Iterator[Proposal]:
        """Environmental clearances of a State (LGD 10: Bihar) by day, in slices that the portal can bear."""


_NUMBER = ("proposalno", "proposalnumber", "proposal")
_STATUS = ("proposalstatus", "currentstatus", "status")
_STATUS_ON = ("statusdate", "lastupdatedon", "updatedon", "modifieddate", "date")
_AGENCY = ("nameofuseragency", "useragency", "companyname")
_LISTS = ("data", "result", "results", "content", "proposals")
_DAYS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d %b %Y", "%d-%b-%Y")


def rows_of(answer: Any) -> list[Mapping[str, Any]]:
    """The records of an answer: a list, one record, or either under ``data`` and the like."""
    if isinstance(answer, list):
        return [row for row in answer if isinstance(row, Mapping)]
    if not isinstance(answer, Mapping):
        raise PariveshUnreachable(f"an answer that is neither record nor list: {type(answer).__name__}")
    for name in _LISTS:
        if isinstance(answer.get(name), list | Mapping):
            return rows_of(answer[name])
    return [answer] if _said(answer, _NUMBER) or _said(answer, _STATUS) else []


def read_proposal(row: Mapping[str, Any]) -> Proposal | None:
    """A record as a proposal, whatever its fields are called; None where number or status is missing."""
    number, status = _said(row, _NUMBER), _said(row, _STATUS)
    if not number or not status:
        return None
    return Proposal(number[:80], status[:120], read_day(_raw(row, _STATUS_ON)), _said(row, _AGENCY)[:160], dict(row))


def read_step(row: Mapping[str, Any]) -> Step | None:
    """A record as a line of history; None where it names no status."""
    status = _said(row, _STATUS)
    if not status:
        return None
    return Step(read_day(_raw(row, _STATUS_ON)), status[:120], _said(row, ("remarks", "remark", "comments"))[:500])


def read_day(value: Any) -> date | None:
    """A day as they write it: ISO, day first, with time, or milliseconds since 1970; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / 1000, UTC).date()
        except (OverflowError, OSError, ValueError):
            return None
    text = str(value or "").strip()
    for layout in _DAYS:
        for part in (text, text[:10]):
            try:
                return datetime.strptime(part, layout).replace(tzinfo=UTC).date()
            except ValueError:
                continue
    return None


def _raw(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    plain = {str(name).replace("_", "").replace(" ", "").lower(): value for name, value in row.items()}
    return next((plain[name] for name in names if plain.get(name) not in (None, "")), None)


def _said(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = _raw(row, names)
    if isinstance(value, Mapping):  # a status may come as {"id": 7, "name": "…"}
        value = value.get("name") or value.get("status")
    return str(value).strip() if isinstance(value, str | int) else ""
