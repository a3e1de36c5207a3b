"""Rules on two rows of a notice held against each other: borders, names, serials (E.10)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import SequenceMatcher

from immis.rules.catalogue import Finding, rule
from immis.rules.land.geometry import distance_m, overlap_m2
from immis.rules.notices.facts import Column, GhatFacts, ListedGhat
from immis.rules.notices.rows import found_in, plain
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class GhatPair:
    """Two ghats, the earlier row first."""

    first: GhatFacts
    second: GhatFacts


@dataclass(frozen=True)
class Spelling:
    """A word of a ghat's name and a like word of an earlier row."""

    word: str
    row: int
    earlier_word: str
    earlier_row: int


@dataclass(frozen=True)
class ListedPair:
    """A serial in the auction programme and in annexure 4; None where one of them lacks it."""

    serial: int
    listed: ListedGhat | None
    ghat: GhatFacts | None


@rule("NTC-07", on="notice.pair")
def ghats_do_not_overlap(facts: GhatPair, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """Two ghats share no ground; borders in common are no overlap.

    Clause: annexure 4, each ghat is settled separately (clause 3 i). Our reading: shared ground beyond the
    tolerance, which only absorbs rounding, would be settled twice. The district mining office settles it.
    """
    tolerance_m2 = Decimal(policy.value("NTC-07", at))
    if len(facts.first.corners) < 3 or len(facts.second.corners) < 3:
        return None
    shared_m2 = Decimal(str(overlap_m2(facts.first.corners, facts.second.corners)))
    if shared_m2 <= tolerance_m2:
        return None
    limit = f"≤ {plain(tolerance_m2)} m²"
    result = f"{shared_m2:.0f} m²"
    return found_in("NTC-07", facts.second.serial, Column.CORNERS, result, limit, other=facts.first.serial)


@rule("NTC-08", on="notice.neighbours")
def neighbours_share_two_corners(facts: GhatPair, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """Ghats that follow each other in a block share exactly two corners.

    Clause: annexure 4, where all neighbours do (E.10, 5). Our reading: otherwise a strip lies between them or a
    corner is misprinted; a warning, for blocks need not touch by law.
    """
    figure = policy.value("NTC-08", at)
    shared = sum(
        any(distance_m(a.lat, a.lon, b.lat, b.lon) <= float(figure["within_m"]) for b in facts.first.corners)
        for a in facts.second.corners
    )
    if shared == figure["corners"]:
        return None
    return found_in(
        "NTC-08",
        facts.second.serial,
        Column.CORNERS,
        str(shared),
        str(figure["corners"]),
        other=facts.first.serial,
        severity="warning",
    )


@rule("NTC-10", on="notice.spelling")
def names_are_spelled_alike(facts: Spelling, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """One place is spelled one way throughout a notice.

    Clause: derived (E.10, 6: Kalisthan and Kaliasthan). Our reading: words so alike are one place; whether they
    are is for the district mining office to say, hence a warning.
    """
    least = Decimal(policy.value("NTC-10", at))
    likeness = Decimal(str(SequenceMatcher(None, facts.earlier_word, facts.word, autojunk=False).ratio())) * 100
    if facts.word == facts.earlier_word or likeness < least:
        return None
    return found_in(
        "NTC-10",
        facts.row,
        Column.NAME,
        facts.word,
        facts.earlier_word,
        other=facts.earlier_row,
        percent=f"{likeness:.0f}",
        severity="warning",
    )


@rule("NTC-13", on="notice.same")
def ghats_stand_once(facts: GhatPair, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """A serial and a block code stand once in a notice.

    Clause: annexure 4. Our reading: each ghat is one lot with its own earnest money (clause 3 i). A doubt is
    settled by the district mining office.
    """
    policy.at("NTC-13", at)
    first, second = facts.first, facts.second
    if first.serial == second.serial:
        expected = f"≠ {first.serial}"
        return found_in("NTC-13", second.serial, Column.SERIAL, str(second.serial), expected, other=first.serial)
    if first.code and first.code == second.code:
        result, expected = f"BLOCK-{second.code}", f"≠ BLOCK-{first.code}"
        return found_in("NTC-13", second.serial, Column.NAME, result, expected, other=first.serial)
    return None


@rule("NTC-17", on="notice.listed")
def programme_and_annexure_agree(facts: ListedPair, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The programme and annexure 4 name the same ghat under the same serial.

    Clause: notice 1 (E-002) and annexure 4. Our reading: matched by block code; a name spelled otherwise is a
    warning, another or a missing code an error. The Collector settles it.
    """
    policy.at("NTC-17", at)
    listed, ghat = facts.listed, facts.ghat
    if listed is None or ghat is None:
        result, expected = (ghat.name if ghat else "—"), (listed.name if listed else "—")
        return found_in("NTC-17", facts.serial, Column.NAME, result, expected)
    if listed.code != ghat.code:
        return found_in("NTC-17", facts.serial, Column.NAME, ghat.name, listed.name)
    if place_of(listed.name) != place_of(ghat.name):
        return found_in("NTC-17", facts.serial, Column.NAME, ghat.name, listed.name, severity="warning")
    return None


def place_of(name: str) -> str:
    """The place in a ghat's name, without its block: ``KALISTHAN FULKIYA SAND GHAT``."""
    return " ".join(name.upper().partition("(")[0].split())
