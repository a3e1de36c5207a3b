"""Notices as they were taken in."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from immis.auctions.models import Lot, Notice
from immis.auctions.steps import day_of, instant_of
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.papers.files import path_of
from immis.core.scope import visible
from immis.rules.calendar import INDIA
from immis.rules.notices.facts import LABELS, STEPS, Column, label_of


def notices(viewer: Actor, **filters: Any) -> QuerySet[Notice]:
    """Notices, newest first: a district's office sees its own, everybody else all, as a notice is public."""
    return Notice.objects.prefetch_related("lots").filter(visible(viewer, "notice.read"), **filters)


def notice_of(pk: int, viewer: Actor) -> Notice:
    """One notice that the viewer may see. Raises NotFound."""
    notice = notices(viewer, pk=pk).first()
    if notice is None:
        raise NotFound(f"notice {pk}")
    return notice


def published_notice(code: str) -> Notice:
    """The notice of a code as it is in force, for everybody. Raises NotFound."""
    notice = Notice.objects.filter(code=code, replaced_by__isnull=True).exclude(code="").first()
    if notice is None:
        raise NotFound(f"notice {code}")
    return notice


def changes_of(notice: Notice, lang: str) -> list[dict[str, Any]]:
    """The corrigenda of a programme, newest first: when, why, by which order, what stood there and what stands now."""
    return [
        {
            "at": datetime.fromisoformat(row["at"]),
            "reason": row["reason"],
            "reference": row["reference"],
            "before": steps_in_words(row["before"], list(row["before"]), lang),
            "after": steps_in_words(row["after"], list(row["after"]), lang),
        }
        for row in reversed(notice.changes)
    ]


def steps_in_words(programme: Mapping[str, Any], names: Sequence[str], lang: str) -> str:
    """Steps of a programme with their labels, each with its day and hour as India writes them."""
    return "; ".join(f"{LABELS[name][lang]}: {_written(programme, name)}" for name in names)


def _written(programme: Mapping[str, Any], name: str) -> str:
    if not programme.get(name):
        return "—"
    if name.endswith("_at"):
        return f"{datetime.fromisoformat(programme[name]).astimezone(INDIA):%d.%m.%Y %H:%M}"
    return f"{date.fromisoformat(programme[name][:10]):%d.%m.%Y}" if name.endswith("_on") else str(programme[name])


def terms_of(notice: Notice) -> dict[str, str]:
    """Which terms a bidder reads now: the notice, and the hash of their text and file."""
    terms = next((row for row in notice.parts if row["part"] == "terms"), {})
    body = f"{terms.get('text', '')}\n{terms.get('sha256', '')}".encode()
    return {"notice": notice.code, "sha256": hashlib.sha256(body).hexdigest()}


def part_of(notice: Notice, part: str) -> tuple[dict[str, Any], Path]:
    """One paper of a tender document and where its file lies. Raises NotFound."""
    row = next((row for row in notice.parts if row["part"] == part and row.get("sha256")), None)
    if row is None or not path_of(row["sha256"]).exists():
        raise NotFound(f"part {part}")
    return row, path_of(row["sha256"])


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
