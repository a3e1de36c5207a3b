"""Entering destinations and check posts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.grants import may, require_grant
from immis.core.services import log_actions
from immis.registry.changes import Taken, entered, shown
from immis.registry.models import Place
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book
from immis.rules.registry.places import DESTINATIONS, PlaceFacts

#: The kinds of places that an office enters; a party enters destinations alone.
KINDS = ("destination", "outside", "checkpost", "weighbridge", "stockyard")
_CHANGED = ("kind", "name_en", "name_hi", "lat", "lon", "radius_m", "district")


@dataclass(frozen=True, kw_only=True)
class NewPlace:
    """A destination or check post, with the circle round it that counts as being there."""

    code: str
    kind: str
    name_en: str
    name_hi: str
    lat: float
    lon: float
    radius_m: int = 500
    district: str = ""


@transaction.atomic
def add_place(*, place: NewPlace, by: Actor = SYSTEM, at: datetime | None = None) -> Place:
    """Enter a destination or check post; changed, with what it was before in the log."""
    return entered(Place, vars(place), "place", by=by, at=at)[0]


def place_code(row: Mapping[str, Any]) -> str:
    """The code of a place that was given none, by its name and where it lies: the same place again has the same."""
    told = f"{row['kind']}|{row['name_en']}|{float(row['lat']):.5f}|{float(row['lon']):.5f}"
    stem = slugify(row["name_en"])[:31].strip("-") or row["kind"]
    return f"{stem}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


@transaction.atomic
def enter_place(*, place: NewPlace, by: Actor, at: datetime, reason: str = "") -> Place:
    """Enter a place by who holds the grant, or change one; without a code it gets one.

    Raises Refusal (REG-29), NotPermitted for another district's, and for a party that changes one.
    """
    fields = {**vars(place), "code": place.code or place_code(vars(place))}
    taken = take_places([fields], by=by, at=at, reason=reason)
    if taken.refused:
        raise Refusal(list(taken.refused[0]))
    return Place.objects.get(code=fields["code"])


@transaction.atomic
def take_places(
    rows: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    from_file: bool = False,
    only_check: bool = False,
) -> Taken:
    """Enter and change many places at once; what a row does not give stays. What is refused is answered by its place.

    The log has a line for each change, for new ones as well unless they come ``from_file``; ``only_check`` writes
    nothing. Raises NotPermitted for who holds no grant.
    """
    require_grant(by, "place.enter")
    taken, new, moved, lines = Taken(), dict[str, dict[str, Any]](), dict[str, Place](), []
    codes = [str(row.get("code") or place_code(row)) for row in rows]
    standing = Place.objects.select_for_update().in_bulk(list(set(codes)), field_name="code")
    for place, (code, row) in enumerate(zip(codes, rows, strict=True)):
        fields = {name: value for name, value in row.items() if name not in ("code", "district") or value}
        known = standing.get(code)
        before = _before(known, fields)
        if findings := _findings(fields, known, bool(before), by=by, at=at):
            taken.refused[place] = findings
            continue
        if known is None:
            new[code] = {"district": by.district, **new.get(code, {}), **fields, "code": code}
            continue
        for name in before:
            setattr(known, name, fields[name])
        if before:
            moved[code] = known
            after = {name: getattr(known, name) for name in before}
            lines.append((("place", code), {"before": shown(before), "after": shown(after), "reason": reason}))
    taken.entered, taken.changed = len(new), len(moved)
    if only_check:
        return taken
    Place.objects.bulk_create(Place(**fields) for fields in new.values())
    Place.objects.bulk_update(moved.values(), _CHANGED, batch_size=200)
    if lines:
        log_actions("place.changed", lines, by=by, at=at)
    if new and not from_file:
        entered_ = [(("place", code), {"kind": fields["kind"]}) for code, fields in new.items()]
        log_actions("place.entered", entered_, by=by, at=at)
    return taken


def _before(known: Place | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What of a place on record would become another value."""
    if known is None:
        return {}
    return {name: getattr(known, name) for name, value in fields.items() if getattr(known, name) != value}


def _findings(
    fields: Mapping[str, Any], known: Place | None, changes: bool, *, by: Actor, at: datetime
) -> Sequence[Finding]:
    """What is against a place as it was given; a party enters destinations, and changes none."""
    district = fields.get("district") or by.district
    names = {name: fields.get(name, getattr(known, name, None)) for name in ("name_en", "lat", "lon", "radius_m")}
    facts = PlaceFacts(names["name_en"] or "", names["lat"] or 0.0, names["lon"] or 0.0, names["radius_m"] or 500)
    if findings := find("place.enter", facts, policy=book(), at=at):
        return findings
    if by.party_id and (changes or (known is None and fields.get("kind") not in DESTINATIONS)):
        return [Finding("REG-33", {"place": facts.place})]
    if by.is_officer and changes and not may(by, "place.change", district=known.district if known else district):
        return [Finding("REG-33", {"place": facts.place})]
    return []
