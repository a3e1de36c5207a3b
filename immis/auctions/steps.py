"""The steps of a notice's programme, as they are kept with it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any


def instant_of(programme: Mapping[str, Any], step: str) -> datetime | None:
    """When a step of the programme falls, or None where the notice does not say."""
    return datetime.fromisoformat(programme[step]) if programme.get(step) else None


def day_of(programme: Mapping[str, Any], step: str) -> date | None:
    """The day of a step of the programme, or None where the notice does not say."""
    return date.fromisoformat(programme[step][:10]) if programme.get(step) else None
