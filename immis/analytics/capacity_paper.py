"""The sizing proposal as a paper in both languages: load now, each year, three options (A-29)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from immis.core.papers.documents import DEPARTMENT, GOVERNMENT, Bilingual, compile_typst, date_text, words_of_paper
from immis.registry.selectors import headquarters
from immis.rules.calendar import india_day
from immis.rules.capacity import Load, Option, Year

TEMPLATE = Path(__file__).parent / "templates" / "capacity.typ"


def proposal_pdf(load: Load, rows: Sequence[Year], options: Sequence[Option], *, at: datetime) -> bytes:
    """The A4 PDF of a proposal."""
    words, office = words_of_paper("capacity"), headquarters()
    now = (
        ("challans", str(load.challans_a_day)),
        ("devices", str(load.devices)),
        ("records", f"{load.records_gb:.2f}"),
        ("positions", f"{load.positions_gb:.2f}"),
        ("files", f"{load.files_gb:.2f}"),
    )
    data = {
        "number": date_text(india_day(at)),
        "government": GOVERNMENT,
        "department": DEPARTMENT,
        "office": Bilingual(office.name_hi, office.name_en) if office else words["office"],
        "title": words["title"],
        "words": {name: words[name] for name in ("now", "note")},
        "now": [{"name": words[name], "value": value} for name, value in now],
        "year_heads": [words[name] for name in ("year", "challans", "devices", "cores", "memory", "storage")],
        "years": [list(map(str, vars(row).values())) for row in rows],
        "option_heads": [words[name] for name in ("option", "machines", "cores", "memory", "storage", "available")],
        "options": [
            {
                "name": words[row.code],
                "cells": [*map(str, list(vars(row).values())[1:-1]), f"{row.available_percent} %"],
            }
            for row in options
        ],
    }
    return compile_typst(TEMPLATE, data, created_at=at)
