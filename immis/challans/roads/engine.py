"""The routing engine that the settings choose, and the truck that ways are sought for."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings

from immis import clock
from immis.adapters.reading.apart import Limits
from immis.adapters.roads.embedded import EmbeddedRoads
from immis.adapters.roads.port import Roads, Truck
from immis.adapters.roads.vendors import EMBEDDED, OVER_HTTP, known
from immis.rules.policy import book


def engine(*, at: datetime, patience_s: int | None = None) -> Roads:
    """The engine, with at most so many seconds for an answer. Raises ValueError for one that there is not."""
    terms = book().value("MOV-41", at)
    wall_s = patience_s or int(terms["search"]["wall_s"])
    if known(settings.ROADS_VENDOR) == EMBEDDED:
        return embedded(at=at, wall_s=wall_s)
    return OVER_HTTP[settings.ROADS_VENDOR](settings.ROADS_URL, timeout_s=float(wall_s))


def embedded(*, at: datetime, wall_s: int | None = None) -> EmbeddedRoads:
    """The engine over the road file in the data folder."""
    terms = book().value("MOV-41", at)
    search = _limits(terms["search"], output_mb=64)
    search = replace(search, wall_s=wall_s) if wall_s else search
    return EmbeddedRoads(clock.data_dir(), build=_limits(terms["build"], output_mb=4096), search=search)


def _limits(terms: Mapping[str, Any], *, output_mb: int) -> Limits:
    return Limits(output_mb=output_mb, **{name: int(value) for name, value in terms.items()})


def truck(*, at: datetime, district: str | None = None) -> Truck:
    """The truck of MOV-40."""
    terms = book().value("MOV-40", at, district=district)
    speeds = {name: float(kmh) for name, kmh in terms["kmh"].items()}
    return Truck(speeds, float(terms["gross_t"]), tuple(terms["keeps_off"]), int(terms["reach_m"]))
