"""Rules on a single row of annexure 4: its arithmetic, its polygon, its name (E-193, E.10)."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from immis.rules.catalogue import Finding, rule
from immis.rules.land.geometry import area_ha, is_simple
from immis.rules.notices.facts import Column, GhatFacts
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class RowFacts:
    """A ghat and the district whose notice lists it."""

    ghat: GhatFacts
    district: str = ""


def plain(number: Any) -> str:
    """A figure as it would be printed in the table: ``25.20`` as ``25.2``, nothing as ``—``."""
    return "—" if number is None else format(Decimal(number).normalize(), "f")


def found_in(code: str, row: int | None, column: Column, found: str, expected: str, **more: Any) -> Finding:
    """A finding on a cell: severity ``error`` unless ``severity`` says otherwise."""
    severity = more.pop("severity", "error")
    return Finding(code, {"row": row, "column": column, "found": found, "expected": expected, **more}, severity)


def _product(code: str, column: Column, ghat: GhatFacts, base: Decimal | int | None, factor: Decimal) -> Finding | None:
    """A finding when the printed figure is a whole unit or more away from ``base`` times ``factor``."""
    printed = getattr(ghat, column.value)
    if printed is None or base is None:
        return None
    expected = Decimal(base) * factor
    if abs(Decimal(printed) - expected) < 1:
        return None
    return found_in(code, ghat.serial, column, plain(printed), plain(expected), base=plain(base), figure=plain(factor))


@rule("NTC-02", on="notice.row")
def quantity_follows_area(facts: RowFacts, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The mineable quantity is the area times the quantity per hectare.

    Clause: Munger notice 2026, annexure 4. Our reading: all 22 printed rows keep this figure (a mean depth of
    0.6 m), so a row that does not is misprinted. A doubt is settled by the district mining office (42 xx).
    """
    figure = Decimal(policy.value("NTC-02", at))
    return _product("NTC-02", Column.QUANTITY_M3, facts.ghat, facts.ghat.area_ha, figure)


@rule("NTC-03", on="notice.row")
def reserve_follows_quantity(facts: RowFacts, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The reserve price is the mineable quantity times the rate per cubic metre.

    Clause: Munger notice 2026, annexure 4. Our reading: the rate that all 22 printed rows keep. A doubt is
    settled by the department, which fixes the rate.
    """
    figure = Decimal(policy.value("NTC-03", at))
    return _product("NTC-03", Column.RESERVE_RUPEES, facts.ghat, facts.ghat.quantity_m3, figure)


@rule("NTC-04", on="notice.row")
def earnest_money_share(facts: RowFacts, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The earnest money is the stated share of the reserve price of the same ghat.

    Clause: Munger tender 2026, clause 7(ka) and the heading of annexure 4. Our reading: computed for each ghat
    (E.11, 9); the share is that of AUC-07. A doubt is settled by the department.
    """
    policy.at("NTC-04", at)
    share = Decimal(policy.value("AUC-07", at)["emd_percent"]) / 100
    return _product("NTC-04", Column.EMD_RUPEES, facts.ghat, facts.ghat.reserve_rupees, share)


@rule("NTC-06", on="notice.row")
def polygon_is_simple(facts: RowFacts, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The corners of a ghat, in their order, enclose one area without crossing their own border.

    Clause: annexure 4 and clause 42(xx), pillars stand at the printed co-ordinates. Our reading: a border that
    crosses itself cannot be marked on the ground. A doubt is settled by the district mining office.
    """
    fewest = int(policy.value("NTC-06", at))
    corners = facts.ghat.corners
    if len(corners) >= fewest and is_simple(corners):
        return None
    labels = "-".join(corner.label for corner in corners) or "—"
    return found_in("NTC-06", facts.ghat.serial, Column.CORNERS, labels, f"≥ {fewest}", count=len(corners))


@rule("NTC-09", on="notice.row")
def area_agrees_with_corners(facts: RowFacts, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The printed area agrees with the area inside the printed corners on the WGS84 ellipsoid.

    Clause: annexure 4; clause 42(xx) lets the district mining office correct area and co-ordinates. Our reading:
    beyond the tolerance the office is warned, the notice is not stopped.
    """
    tolerance = Decimal(policy.value("NTC-09", at))
    ghat = facts.ghat
    computed = Decimal(str(area_ha(ghat.corners)))
    if not ghat.area_ha or not computed:
        return None
    percent = (computed / ghat.area_ha - 1) * 100
    if abs(percent) <= tolerance:
        return None
    return found_in(
        "NTC-09",
        ghat.serial,
        Column.AREA_HA,
        plain(ghat.area_ha),
        f"{computed:.2f}",
        percent=f"{percent:+.1f}",
        tolerance=plain(tolerance),
        severity="warning",
    )


@rule("NTC-11", on="notice.row")
def block_code_is_tidy(facts: RowFacts, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The block in a ghat's name is written as ``BLOCK-1 B``, without stray spaces.

    Clause: annexure 4. Our reading: ghats are matched by code, so a stray space harms nobody here but
    elsewhere breaks a search (E.10, 6). The district mining office may correct it.
    """
    shape = str(policy.value("NTC-11", at))
    ghat = facts.ghat
    block, _, part = ghat.code.partition("-")
    written = shape.format(block=block, part=f" {part}" if part else "")
    if not ghat.code or written.upper() in ghat.name.upper():
        return None
    start = ghat.name.upper().find("BLOCK")
    result = ghat.name[max(start, 0) :].rstrip(" )")
    return found_in("NTC-11", ghat.serial, Column.NAME, result, written, severity="warning")


@rule("NTC-12", on="notice.row")
def corners_lie_in_district(facts: RowFacts, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """Every corner lies within the plausible box of the district (of the State where the district has none).

    Clause: derived; the Collector settles ghats of the district only. Our reading: outside the box a degree or
    minute is misprinted, or latitude and longitude are exchanged.
    """
    box = policy.value("NTC-12", at, district=facts.district)
    for corner in facts.ghat.corners:
        if not (box["south"] <= corner.lat <= box["north"] and box["west"] <= corner.lon <= box["east"]):
            result = f"{corner.label}: {corner.text or f'{corner.lat:.6f}, {corner.lon:.6f}'}"
            expected = f"{box['south']}–{box['north']} N, {box['west']}–{box['east']} E"
            return found_in("NTC-12", facts.ghat.serial, Column.CORNERS, result, expected)
    return None


def _run_of_labels(first: str, count: int) -> list[str]:
    if numbered := re.fullmatch(r"(\D*)(\d+)", first):  # 1, 2, 3… or BP-1, BP-2, BP-3…
        return [f"{numbered[1]}{int(numbered[2]) + index}" for index in range(count)]
    return [chr(ord("A") + index) for index in range(min(count, 26))]


@rule("NTC-16", on="notice.row")
def corner_letters_run_on(facts: RowFacts, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The corners of a ghat carry the letters A, B, C… without a gap or a letter twice.

    Clause: annexure 4 (E-193). Our reading: a gap is a corner lost in print. A doubt is settled by the
    district mining office.
    """
    policy.at("NTC-16", at)
    labels = [corner.label for corner in facts.ghat.corners]
    expected = _run_of_labels(labels[0], len(labels)) if labels else []
    if labels == expected:
        return None
    return found_in("NTC-16", facts.ghat.serial, Column.LABEL, ", ".join(labels), ", ".join(expected))
