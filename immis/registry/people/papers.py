"""The charge report: the paper of a handover, from what was kept at its instant."""

from pathlib import Path
from typing import Any

from immis.core.facts import named
from immis.core.papers.documents import (
    DEPARTMENT,
    GOVERNMENT,
    Bilingual,
    compile_typst,
    filled,
    instant_text,
    words_of_paper,
)
from immis.registry.models import Handover
from immis.rules.posts import chart

TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "handover.typ"


def _both(text: str) -> Bilingual:
    return Bilingual(text, text)


def _pending(row: dict[str, Any]) -> dict[str, Any]:
    since, due = named("since", row["since"]), named("due_at", row.get("due_at"))
    return {
        "kind": words_of_paper("handover")[row["kind"]],
        "number": row["number"],
        "title": row["title"],
        "since": instant_text(since) if since else "",
        "due": instant_text(due) if due else "",
    }


def handover_data(handover: Handover) -> dict[str, Any]:
    """What the template prints, worded and formatted."""
    words, charge = words_of_paper("handover"), handover.charge
    giver, taker = charge.user, handover.successor.user
    rows = [
        ("post", Bilingual(**chart().post(charge.role).title)),
        ("from", Bilingual(giver.name_hi or giver.username, giver.name_en or giver.username)),
        ("to", Bilingual(taker.name_hi or taker.username, taker.name_en or taker.username)),
        ("order", _both(handover.reference)),
        ("at", _both(instant_text(handover.at))),
    ]
    return {
        "number": handover.number,
        "government": GOVERNMENT,
        "department": DEPARTMENT,
        "office": Bilingual(charge.office.name_hi, charge.office.name_en),
        "particulars": [{"name": words[name], "value": value} for name, value in rows],
        "pending_title": filled("handover", "pending", count=len(handover.pending)),
        "heads": [words[name] for name in ("kind", "number", "matter", "since", "due")],
        "pending": [_pending(row) for row in handover.pending],
        "nothing": words["nothing"],
        "remarks_title": words["remarks"],
        "remarks": handover.remarks,
        "signatories": [
            {"person": giver.name_hi or giver.username, "part": words["from"]},
            {"person": taker.name_hi or taker.username, "part": words["to"]},
        ],
    }


def handover_pdf(handover: Handover) -> bytes:
    """The charge report as a PDF in both languages. Raises DocumentError when the fonts are missing."""
    return compile_typst(TEMPLATE, handover_data(handover), created_at=handover.at)
