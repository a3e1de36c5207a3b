"""Answers: asked of an engine, kept with the circumstances, and shown to whom they concern."""

import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.analytics import embedded, spark
from immis.analytics.asked import QUESTIONS, Question, Span
from immis.analytics.facts import facts_of
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.events import step
from immis.core.services import log_action
from immis.registry.selectors import blocks
from immis.tracking import gateway

if TYPE_CHECKING:
    import polars

#: More positions than a page should wait for; ``immis questions ask`` has no such limit.
MOST_AT_A_PAGE = 5_000_000
EMBEDDED = "embedded"
_ASKED = step("questions.asked", _("A question over months was asked"))


class TooMuch(RuntimeError):
    """More positions than may be read while somebody waits for a page."""

    def __init__(self, rows: int) -> None:
        super().__init__(f"{rows:,} positions")
        self.rows = rows


@dataclass(frozen=True)
class Answer:
    """The rows of an answer (``columns`` in order) and how it came about; ``positions`` is how many were read."""

    question: str
    span: Span
    asked_at: datetime
    engine: str
    seconds: float
    positions: int
    rows: list[dict[str, Any]]


def ask(name: str, span: Span, *, by: Actor = SYSTEM, most: int | None = None, master: str = "") -> Answer:
    """Ask the embedded engine, or the Spark cluster ``master``, and keep the answer.

    TooMuch where more than ``most`` positions would be read; spark.NoSpark where the cluster cannot be had.
    """
    question = QUESTIONS[name]
    begins, ends = (datetime.fromtimestamp(at, UTC) for at in (span.from_s, span.to_s))
    positions = gateway.positions_stored(begins, ends)
    if most is not None and positions > most:
        raise TooMuch(positions)
    begun = time.perf_counter()
    facts = facts_of(span)
    result = _ask_spark(question, span, facts, master) if master else embedded.ask(question, span, facts)
    answer = Answer(
        name, span, clock.now(), master or EMBEDDED, round(time.perf_counter() - begun, 2), positions, result.to_dicts()
    )
    _keep(answer)
    with transaction.atomic():
        days = {"first": span.first.isoformat(), "last": span.last.isoformat()}
        log_action(_ASKED, subject=("question", name), by=by, at=answer.asked_at, facts=days)
    return answer


def _ask_spark(question: Question, span: Span, facts: dict[str, "polars.DataFrame"], master: str) -> "polars.DataFrame":
    begins, ends = (datetime.fromtimestamp(at, UTC) for at in (span.from_s, span.to_s + 86_400))
    where = {name: gateway.keep_facts(f"{name}-{span.first}-{span.last}", table) for name, table in facts.items()}
    session = spark.connect(master)
    try:
        return spark.ask(session, question, span, files=gateway.position_files(begins, ends), facts=where)
    finally:
        session.stop()


def _path(name: str, span: Span) -> Path:
    nights = f"{span.since:%H%M}-{span.until:%H%M}"
    return clock.data_dir() / "answers" / name / f"{span.first}_{span.last}_{nights}.json"


def _keep(answer: Answer) -> None:
    path = _path(answer.question, answer.span)
    path.parent.mkdir(parents=True, exist_ok=True)
    payload = {
        "asked_at": answer.asked_at.isoformat(), "engine": answer.engine, "seconds": answer.seconds,
        "positions": answer.positions, "rows": answer.rows,
    }  # fmt: skip
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(json.dumps(payload, ensure_ascii=False), encoding="utf-8")
    os.replace(part, path)


def kept(name: str, span: Span) -> Answer | None:
    """The answer to a question about a span as it was last asked; None where it never was."""
    path = _path(name, span)
    if name not in QUESTIONS or not path.exists():
        return None
    payload = json.loads(path.read_text(encoding="utf-8"))
    at = datetime.fromisoformat(payload["asked_at"])
    return Answer(name, span, at, payload["engine"], payload["seconds"], payload["positions"], payload["rows"])


def seen_by(viewer: Actor, answer: Answer, *, district: str = "", ghat: str = "") -> list[dict[str, Any]]:
    """The rows of an answer that a post may see: those of its districts' ghats; rows of no ghat are the State's.

    Each gets ``name`` (both languages) and ``district`` of its ghat.
    """
    named = blocks().values_list("code", "name_en", "name_hi", "district")
    ghats = {code: (en, hi, where) for code, en, hi, where in named}
    results = []
    for row in answer.rows:
        en, hi, where = ghats.get(row["ghat"], ("", "", ""))
        if viewer.sees_district(where) and district in ("", where) and ghat in ("", row["ghat"]):
            results.append({**row, "name": {"en": en, "hi": hi}, "district": where})
    return results
