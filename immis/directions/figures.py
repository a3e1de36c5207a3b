"""What the system itself can see of a direction: a declared table of figures, each a question to its own domain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immis.core.access.permissions import SYSTEM
from immis.enforcement.selectors import trigger_counts
from immis.registers.selectors import open_by, standing_in
from immis.registry.selectors import offices_with_post
from immis.rules.directions.marks import figure_named
from immis.rules.policy import NotInForce, book
from immis.rules.writing.texts import text
from immis.transit.ready import status as istp_status
from immis.weighbridges.selectors import by_district, covered

_DOCUMENTS = "source_documents"


@dataclass(frozen=True)
class Figure:
    """What stands now, in both languages, and whether the direction is met by it; None where that is for people."""

    words: Mapping[str, str]
    met: bool | None


Asked = tuple[dict[str, Any], bool | None]


def _fenced(at: datetime) -> Asked:
    districts = by_district(covered(SYSTEM, at=at))
    total, fenced = sum(row.bridges for row in districts), sum(row.fenced for row in districts)
    percent = round(100 * fenced / total) if total else 0
    return {"fenced": fenced, "total": total, "percent": percent}, bool(total) and fenced == total


def _triggers(*codes: str) -> Callable[[datetime], Asked]:
    """Since when triggers are on, and how often they had consequences."""

    def ask(at: datetime) -> Asked:
        counts = trigger_counts()
        known = {"codes": ", ".join(codes), "times": sum(counts.get(code, 0) for code in codes)}
        try:
            since = max(book().at(code, at).from_on for code in codes)
        except NotInForce:
            return {**known, "since": "\u2014"}, False
        return {**known, "since": f"{since:%d.%m.%Y}"}, True

    return ask


def _istp(at: datetime) -> Asked:
    now = istp_status(at)
    checks = now["checks"]
    good = sum(row["state"] == "ready" for row in checks)
    return {"ready": good, "total": len(checks)}, bool(now["ready"] or now["in_force"])


def _documents(at: datetime) -> Asked:
    wanted = standing_in(_DOCUMENTS, "asked").count()
    there = standing_in(_DOCUMENTS, "received").count()
    return {"there": there, "asked": wanted}, bool(there) and not wanted


def _faults(at: datetime) -> Asked:
    return {"open": sum(open_by("device_faults", "kind").values())}, None


def _monitoring(at: datetime) -> Asked:
    offices = offices_with_post("monitoring").count()
    return {"offices": offices}, bool(offices)


#: By its key; the pattern that finds its points stands in words/minutes.yaml, its words in words/directions.
FIGURES: Mapping[str, Callable[[datetime], Asked]] = {
    "fenced": _fenced,
    "tampering": _triggers("TRG-05"),
    "stop": _triggers("TRG-03", "TRG-04"),
    "instalments": _triggers("TRG-01", "TRG-02"),
    "not_started": _triggers("TRG-07"),
    "place": _triggers("TRG-08"),
    "istp": _istp,
    "documents": _documents,
    "monitoring": _monitoring,
    "faults": _faults,
}


def figure_of(words: str) -> str:
    """The key of the figure that a point asks for; empty where the system sees none."""
    key = figure_named(words)
    return key if key in FIGURES else ""


def live(key: str, at: datetime) -> Figure | None:
    """A figure as it stands now; None for a direction without one."""
    if key not in FIGURES:
        return None
    facts, met = FIGURES[key](at)
    return Figure(text("directions/figures", key, **facts), met)
