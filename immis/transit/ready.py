"""What transit passes need before an order puts them in force: what is ready, what is missing, and how it is mended."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.adapters.treasury.vendors import VENDORS
from immis.core.grants import holders
from immis.registry import selectors as registry
from immis.rules.policy import NotInForce, book
from immis.rules.transit.switch import IN_FORCE, ORDERED
from immis.transit import origins, selectors

READY, WEAK, MISSING = "ready", "weak", "missing"
#: The figures of the law without which no pass can be given, or whose clause is not certain.
FIGURES = ("IST-02", "IST-03", "IST-10")
_REHEARSED_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Line:
    """One thing that passes need: its words, how it stands, what is now, and what mends it."""

    code: str
    title: Any
    state: str
    now: str
    mend: Any


@dataclass(frozen=True)
class _Look:
    code: str
    title: Any
    mend: Any
    look: Callable[[datetime], tuple[str, str]]


def rehearsal_file() -> Path:
    """Where the command keeps how the last rehearsal went."""
    return clock.data_dir() / "istp" / "rehearsal.json"


def last_rehearsal() -> dict[str, Any] | None:
    """How the last rehearsal went; None where there was none, or its file cannot be read."""
    try:
        kept = json.loads(rehearsal_file().read_text(encoding="utf8"))
        datetime.fromisoformat(kept["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return dict(kept)


def _figures(at: datetime) -> tuple[str, str]:
    doubted = []
    for code in FIGURES:
        try:
            if book().at(code, at).status != "in_force":
                doubted.append(code)
        except NotInForce:
            return MISSING, code
    return (WEAK, ", ".join(doubted)) if doubted else (READY, ", ".join(FIGURES))


def _treasury(at: datetime) -> tuple[str, str]:
    local = any(name in settings.TREASURY_URL for name in ("127.0.0.1", "localhost", "[::1]"))
    if settings.TREASURY_VENDOR not in VENDORS or not settings.TREASURY_KEY:
        return MISSING, settings.TREASURY_URL
    return (WEAK if local else READY), settings.TREASURY_URL


def _vahan(at: datetime) -> tuple[str, str]:
    return (READY, settings.VAHAN_URL) if settings.VAHAN_URL else (WEAK, "")


def _origins(at: datetime) -> tuple[str, str]:
    known = sorted({*origins.keys(), *origins.portals()})
    return (READY if known else WEAK), ", ".join(known)


def _check_posts(at: datetime) -> tuple[str, str]:
    places, manned = registry.places("checkpost").count(), registry.offices_with_post("checkpost").count()
    return (READY if places and manned else MISSING), f"{places} / {manned}"


def _switcher(at: datetime) -> tuple[str, str]:
    offices = [row for post in holders("istp.switch") for row in registry.offices_with_post(post)]
    return (READY, ", ".join(row.code for row in offices)) if offices else (MISSING, "")


def _districts(at: datetime) -> tuple[str, str]:
    offices = registry.offices_with_post("district")
    return (READY if offices else MISSING), str(offices.count())


def _address(at: datetime) -> tuple[str, str]:
    return (READY if settings.PUBLIC_URL.startswith("https://") else WEAK), settings.PUBLIC_URL


def _rehearsed(at: datetime) -> tuple[str, str]:
    kept = last_rehearsal()
    if kept is None:
        return MISSING, ""
    made = datetime.fromisoformat(kept["at"])
    state = MISSING if not kept.get("passed") else READY if at - made < _REHEARSED_WITHIN else WEAK
    return state, f"{made.astimezone(clock.INDIA):%d.%m.%Y %H:%M}"


_LOOKS = (
    _Look(
        "figures",
        _("Fee and hours of the law"),
        _("A figure that is not verified is settled by the Director of Mines; then policy/transit says in_force."),
        _figures,
    ),
    _Look("treasury", _("Treasury for the fee"), "IMMIS_TREASURY_URL, IMMIS_TREASURY_KEY", _treasury),
    _Look("vahan", _("Vehicles by VAHAN"), "IMMIS_VAHAN_URL, IMMIS_VAHAN_KEY", _vahan),
    _Look("origins", _("States whose challans a machine checks"), "IMMIS_ISTP_KEYS, IMMIS_ISTP_PORTALS", _origins),
    _Look(
        "check_posts",
        _("Check posts on record / manned"),
        _("Destinations: enter the check post as a place; People: give its charge."),
        _check_posts,
    ),
    _Look("districts", _("District offices that verify payments"), _("People: give the charge."), _districts),
    _Look("switch", _("Who may switch"), _("People: give the charge of headquarters."), _switcher),
    _Look("address", _("Public address of the pass"), "IMMIS_PUBLIC_URL", _address),
    _Look("rehearsal", _("Rehearsed lately"), "immis istp rehearse", _rehearsed),
)


def readiness(at: datetime) -> list[Line]:
    """Everything that passes need, and how each stands."""
    return [Line(row.code, row.title, *row.look(at), row.mend) for row in _LOOKS]


def status(at: datetime) -> dict[str, Any]:
    """The switch and the readiness as plain values, for programs."""
    now, lines = selectors.switch_now(at), readiness(at)
    return {
        "in_force": now.state == IN_FORCE,
        "switch": {
            "state": now.state,
            "order_no": now.order,
            "starts_on": now.starts_on.isoformat() if now.starts_on else None,
        },
        "ordered": now.state in (IN_FORCE, ORDERED),
        "ready": all(line.state != MISSING for line in lines),
        "checks": [
            {"code": line.code, "title": str(line.title), "state": line.state, "now": line.now, "mend": str(line.mend)}
            for line in lines
        ],
        "rehearsal": last_rehearsal(),
    }
