"""Entering drivers by their licences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import log_actions
from immis.registry.changes import Taken, shown
from immis.registry.models import Driver
from immis.registry.services.vehicles import mark_of
from immis.rules.catalogue import find
from immis.rules.policy import book
from immis.rules.registry.places import DriverFacts

_OF_SARATHI = ("classes", "transport_until")
_CHANGED = ("name", "phone", *_OF_SARATHI, "party", "district", "active", "looked_as")


@dataclass(frozen=True, kw_only=True)
class NewDriver:
    """A driver as his licence shows him; ``transport_until`` is its end for transport vehicles."""

    licence_no: str
    name: str
    phone: str = ""
    classes: str = ""
    transport_until: date | None = None
    district: str = ""
    active: bool = True


@transaction.atomic
def enter_driver(*, driver: NewDriver, by: Actor, at: datetime, reason: str = "") -> Driver:
    """Enter a driver, or change him with what stood before in the log; a party enters its own.

    Raises Refusal (REG-28 no licence, REG-30 somebody else's, REG-39 what SARATHI filled), NotPermitted without the
    grant.
    """
    taken = take_drivers([vars(driver)], by=by, at=at, reason=reason)
    if taken.refused:
        raise Refusal(list(taken.refused[0]))
    return Driver.objects.get(licence_no=mark_of(driver.licence_no))


@transaction.atomic
def take_drivers(
    rows: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    from_file: bool = False,
    only_check: bool = False,
) -> Taken:
    """Enter and change many drivers at once; what a row does not give stays. What is refused is answered by its place.

    The log has a line for each change, for new ones as well unless they come ``from_file``; ``only_check`` writes
    nothing.
    """
    require_grant(by, "driver.enter")
    taken, new, moved, lines = Taken(), dict[str, Driver](), dict[str, Driver](), []
    numbers = [mark_of(str(row["licence_no"])) for row in rows]
    standing = {
        row.licence_no: row
        for row in Driver.objects.select_for_update(of=("self",)).filter(licence_no__in=set(numbers))
    }
    for place, (number, row) in enumerate(zip(numbers, rows, strict=True)):
        known = standing.get(number) or new.get(number)
        facts = _facts(number, row, known, by)
        if findings := find("driver.enter", facts, policy=book(), at=at):
            taken.refused[place] = findings
            continue
        fields = {name: value for name, value in row.items() if name != "district" or value} | {"licence_no": number}
        if by.party_id:
            fields["party_id"] = by.party_id
        if known is None:
            new[number] = Driver(**{"district": by.district, **fields})
            continue
        before = _changed(known, fields)
        if before and number in standing:
            moved[number] = known
            after = {name: getattr(known, name) for name in before}
            lines.append((("driver", number), {"before": shown(before), "after": shown(after), "reason": reason}))
    taken.entered, taken.changed = len(new), len(moved)
    if only_check:
        return taken
    Driver.objects.bulk_create(new.values())
    Driver.objects.bulk_update(moved.values(), _CHANGED, batch_size=200)
    _log(() if from_file else list(new), lines, by=by, at=at)
    return taken


def _changed(known: Driver, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give a driver other values; answers what stood there before."""
    before = {name: getattr(known, name) for name, value in fields.items() if getattr(known, name) != value}
    if known.is_stopped and fields.get("active") and "active" in before:
        before["looked_as"], fields = known.looked_as, {**fields, "looked_as": ""}  # an office has seen the paper
    for name in before:
        setattr(known, name, fields[name])
    return before


def _facts(number: str, row: Mapping[str, Any], known: Driver | None, by: Actor) -> DriverFacts:
    """A row beside the driver who stands under its number."""
    if known is None:
        return DriverFacts(number, _is_foreign(row, known, by))
    return DriverFacts(
        number,
        _is_foreign(row, known, by),
        looked_as=known.looked_as,
        is_party=bool(by.party_id),
        sets_going=bool(row.get("active")) and not known.active,
        alters=any(name in row and row[name] != getattr(known, name) for name in _OF_SARATHI),
    )


def _log(
    entered: Sequence[str], changes: Sequence[tuple[tuple[str, str], dict[str, Any]]], *, by: Actor, at: datetime
) -> None:
    """A line of the log for each driver that was changed, and for each of those entered by hand."""
    if changes:
        log_actions("driver.changed", changes, by=by, at=at)
    if entered:
        log_actions("driver.entered", [(("driver", number), {}) for number in entered], by=by, at=at)


def _is_foreign(row: Mapping[str, Any], known: Driver | None, by: Actor) -> bool:
    if by.is_system:
        return False
    if by.party_id:
        return known is not None and known.party_id != by.party_id
    districts = {row.get("district") or by.district, known.district if known else ""}
    return any(name and not by.sees_district(name) for name in districts)
