"""Notices as they were taken in."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from immis.auctions.models import Lot, Notice
from immis.auctions.steps import day_of, instant_of
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.rules.notices.facts import STEPS, Column, label_of


def notices(viewer: Actor, **filters: Any) -> QuerySet[Notice]:
    """Notices, newest first: a district's office sees its own, everybody else all, as a notice is public."""
    return Notice.objects.prefetch_related("lots").filter(visible(viewer, "notice.read"), **filters)


def notice_of(pk: int, viewer: Actor) -> Notice:
    """One notice that the viewer may see. Raises NotFound."""
    notice = notices(viewer, pk=pk).first()
    if notice is None:
        raise NotFound(f"notice {pk}")
    return notice


def programme_rows(notice: Notice, lang: str) -> list[tuple[str, date | datetime]]:
    """The steps of a notice with their labels in the reader's language."""
    return [(label_of(Column(step), lang), when) for step, when in _steps_of(notice).items()]


def programme_of(lot: Lot) -> dict[str, date | datetime]:
    """The steps that the notice of a lot states, by their names."""
    return _steps_of(lot.notice)


def programme_rows_by_step(notice: Notice) -> dict[str, date | datetime]:
    """The steps that a notice states, by their names."""
    return _steps_of(notice)


def _steps_of(notice: Notice) -> dict[str, date | datetime]:
    kept = notice.programme
    result = {
        step.value: instant_of(kept, step.value) if step.value.endswith("_at") else day_of(kept, step.value)
        for step in STEPS
    }
    return {step: when for step, when in result.items() if when is not None}
