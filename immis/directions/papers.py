"""Compliance with the directions of a meeting, point by point, as a paper in both languages."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from immis.core.papers.documents import (
    DEPARTMENT,
    GOVERNMENT,
    Bilingual,
    compile_typst,
    date_text,
    instant_text,
    words_of_paper,
)
from immis.directions.drafts import choices
from immis.directions.figures import live
from immis.directions.models import Direction, Meeting
from immis.registry.selectors import headquarters

TEMPLATE = Path(__file__).parent / "templates" / "compliance.typ"
_NONE = "\u2014"


def compliance_pdf(row: Meeting, directions: QuerySet[Direction], *, at: datetime) -> bytes:
    """The A4 PDF of all directions of a meeting that a reader may see: owner, both days, state, last word, evidence."""
    words, office = words_of_paper("compliance"), headquarters()
    points = directions.filter(meeting=row).order_by("place").prefetch_related("assignments", "updates")
    data = {
        "number": row.number,
        "government": GOVERNMENT,
        "department": DEPARTMENT,
        "office": Bilingual(office.name_hi, office.name_en) if office else words["office"],
        "title": words["title"],
        "subject": row.subject,
        "particulars": [
            {"name": words["held_on"], "value": date_text(row.held_on)},
            {"name": words["memo"], "value": row.memo_no or _NONE},
            {"name": words["issued_on"], "value": _day(row.issued_on)},
            {"name": words["attendance"], "value": row.attendance or _NONE},
            {"name": words["made_at"], "value": instant_text(at)},
        ],
        "words": {name: words[name] for name in ("before", "now", "evidence")},
        "heads": [words[name] for name in ("point", "text", "owner", "due", "state")],
        "points": [_point(point, at) for point in points],
    }
    return compile_typst(TEMPLATE, data, created_at=at)


def _day(on: date | None) -> str:
    return date_text(on) if on else _NONE


def _point(row: Direction, at: datetime) -> dict[str, Any]:
    words, known = words_of_paper("compliance"), choices(at)
    owners = [known[key].names for key in dict.fromkeys(share.answerer for share in row.assignments.all())]
    last = list(row.updates.all())[-1:]
    figure = live(row.figure, at) if row.figure else None
    return {
        "mark": row.mark,
        "text": row.text,
        "carried": str(row.carried) if row.carried else "",
        "owner": [Bilingual(names["hi"], names["en"]) for names in owners],
        "due": f"{_day(row.due_by_meeting)} / {_day(row.due_by_circulation)}" if row.due_on else _NONE,
        "state": words["difficulty" if row.difficulty and row.state != "closed" else row.state],
        "figure": Bilingual(figure.words["hi"], figure.words["en"]) if figure else None,
        "last": [
            {
                "at": instant_text(update.at),
                "by": update.by_name,
                "text": update.text,
                "evidence": bool(update.document),
            }
            for update in last
        ],
    }
