"""What acts on things of the registry share: corners as they are written, the districts of a post's reach."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from immis.core.access.permissions import Actor
from immis.core.errors import Unreadable
from immis.registry.selectors import blocks, working_districts
from immis.rules.districts import named_districts
from immis.rules.land.geometry import parse_dms

_LAT, _LON = "-?[0-8]?[0-9]([.][0-9]{1,9})?", "-?(1[0-7][0-9]|[0-9]{1,2})([.][0-9]{1,9})?"
_CORNER = f"{_LAT}[,;] ?{_LON}"
#: Corners as a program sends them: decimal degrees, one corner a line.
CORNERS = f"{_CORNER}(\\n{_CORNER})*"
_MOST_CORNERS = 200
_PLACES = 7


def read_corners(text: str) -> list[tuple[float, float]]:
    """Corners as they are written, one a line: latitude, longitude. Raises Unreadable."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > _MOST_CORNERS:
        raise Unreadable(lambda: gettext("At most %(n)d corners.") % {"n": _MOST_CORNERS})
    return [_corner(line) for line in lines]


def written_corners(corners: Iterable[Sequence[float]]) -> str:
    """Corners as ``read_corners`` reads them: to the centimetre, one a line."""
    return "\n".join(f"{round(lat, _PLACES)}, {round(lon, _PLACES)}" for lat, lon in corners)


def _corner(line: str) -> tuple[float, float]:
    parts = [part for part in re.split(r"[,;\t]", line) if part.strip()]
    parts = parts if len(parts) > 1 else line.split()
    try:
        lat, lon = (_degrees(part) for part in parts)
    except ValueError:
        lat, lon = 100.0, 0.0
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise Unreadable(lambda: gettext("Not a corner: %(line)s") % {"line": line[:60]})
    return lat, lon


def _degrees(text: str) -> float:
    try:
        return round(float(text), _PLACES)
    except ValueError:
        return round(parse_dms(text), _PLACES)


def districts_in_reach(record: Any, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """The districts of the post's reach, those of its ghats among them."""
    every = {*working_districts(), *(block.district for block in blocks())}
    known = {name for name in every if by.sees_district(name)} or {by.district}
    return named_districts(sorted(known))


def district_choices(record: Any, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """The districts whose office a party may turn to; of several none is chosen for it."""
    known = named_districts(working_districts())
    return [("", gettext("Choose the district")), *known] if len(known) > 1 else known
