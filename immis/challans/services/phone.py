"""Checks that an officer's phone kept with no network, taken in when it is back: in order, each once, none lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from immis.challans import selectors
from immis.challans.models import CheckPostScan
from immis.challans.services.equipment import record_equipment
from immis.challans.services.scans import FromPhone, record_scan, settle_scan
from immis.challans.signed.text import MAX_TEXT_CHARS
from immis.core.access.permissions import Actor
from immis.registry import selectors as registry

MOST_ROWS = 200
_OUTCOMES = (CheckPostScan.HELD, CheckPostScan.LET_GO)
_MS = 1000
_ON_THE_WAY = timedelta(minutes=1)  # less than this is how long the rows were under way, not a clock that is off


class _Odd(ValueError):
    """Why a row cannot be taken; it stays on the phone with this."""


@dataclass(frozen=True)
class Taken:
    """Which rows the office has now, which it cannot take and why, and the last check that was taken."""

    kept: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    last: CheckPostScan | None = None


def take_phone_rows(rows: Sequence[Any], *, phone_now_ms: float | None, by: Actor, at: datetime) -> Taken:
    """Take rows in the order in which the phone made them; one that is here already counts as taken.

    ``phone_now_ms`` is the phone's own clock as it sends: how far it is off is taken off each instant.
    """
    off = _clock_off(phone_now_ms, at)
    taken, last = Taken(), None
    for row in list(rows)[:MOST_ROWS]:
        mark = _mark(row)
        if not mark:
            continue
        try:
            last = _take(row, mark, off=off, by=by, at=at) or last
            taken.kept.append(mark)
        except _Odd as odd:
            taken.refused[mark] = str(odd)
    return Taken(taken.kept, taken.refused, last)


def _clock_off(phone_now_ms: float | None, at: datetime) -> timedelta:
    if not isinstance(phone_now_ms, int | float) or not abs(phone_now_ms) < 1e14:
        return timedelta()
    off = at - datetime.fromtimestamp(phone_now_ms / _MS, UTC)
    return off if abs(off) >= _ON_THE_WAY else timedelta()


def _mark(row: Any) -> str:
    try:
        return str(UUID(str(row["id"])))
    except (ValueError, TypeError, LookupError):
        return ""


def _take(row: Mapping[str, Any], mark: str, *, off: timedelta, by: Actor, at: datetime) -> CheckPostScan | None:
    seen_at = _instant(row.get("at"), off=off, at=at)
    if row.get("kind") == "outcome":
        return _outcome(row, seen_at, by=by)
    if (known := selectors.of_phone(by.user_id, mark)) is not None:
        return known
    text = str(row.get("text") or "").strip()
    if not 0 < len(text) <= MAX_TEXT_CHARS:
        raise _Odd(_("it names no e-challan and no vehicle"))
    lat, lon = _place(row, by)
    try:
        with transaction.atomic():
            scan, _warning = record_scan(
                answer=selectors.check_typed(text, seen_at),
                by=by,
                at=seen_at,
                lat=lat,
                lon=lon,
                loaded=_said(row, "loaded"),
                phone=FromPhone(mark, at),
            )
            covered, board = _said(row, "covered"), _said(row, "board")
            if covered is not None or board is not None:
                scan = record_equipment(scan=scan, covered=covered, board=board, by=by, at=at)
            return scan
    except IntegrityError:  # the same row came twice at once: the other one stands
        return selectors.of_phone(by.user_id, mark)


def _said(row: Mapping[str, Any], name: str) -> bool | None:
    """What the officer answered to one question; None where he did not."""
    return row[name] if isinstance(row.get(name), bool) else None


def _outcome(row: Mapping[str, Any], seen_at: datetime, *, by: Actor) -> None:
    scan = selectors.of_phone(by.user_id, _mark({"id": row.get("of")}))
    if scan is None or row.get("outcome") not in _OUTCOMES:
        raise _Odd(_("the check that it belongs to is not known"))
    if scan.outcome_at != seen_at:
        note = str(row.get("note") or "")[:300]
        settle_scan(scan=scan, outcome=str(row["outcome"]), note=note, by=by, at=seen_at)


def _instant(ms: Any, *, off: timedelta, at: datetime) -> datetime:
    """When the phone made it by the office's clock: never later than now."""
    try:
        made = datetime.fromtimestamp(float(ms) / _MS, UTC) + off
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise _Odd(_("it has no time")) from error
    return min(made, at)


def _place(row: Mapping[str, Any], by: Actor) -> tuple[float | None, float | None]:
    """The phone's own position; without one the check post's."""
    lat, lon = row.get("lat"), row.get("lon")
    if isinstance(lat, int | float) and isinstance(lon, int | float) and abs(lat) <= 90 and abs(lon) <= 180:
        return float(lat), float(lon)
    place = registry.places("checkpost").filter(code=by.office_code).first()
    return (place.lat, place.lon) if place else (None, None)
