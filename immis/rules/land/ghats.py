"""Sand ghats: their names for the screen (the notice prints English capitals) and corrections of their record."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.land.geometry import area_ha, is_simple
from immis.rules.policy import PolicyBook

_PRINTED = re.compile(r"^\s*(?P<place>.*?)\s+SAND\s+GHATS?\b", re.IGNORECASE)


def place_in(name: str) -> str:
    """The place in a printed ghat name, in capitals: ``MAHULI SAND GHAT (BLOCK- 3 B)`` is MAHULI."""
    result = _PRINTED.match(name)
    place = result["place"] if result else name.partition("(")[0]
    return " ".join(place.upper().split())


def ghat_names(name: str, block_no: str, *, policy: PolicyBook, on: date | datetime) -> dict[str, str]:
    """A ghat's name in both languages, with its block: ``Kalisthan Fulkiya Sand Ghat (Block 1-A)``.

    Where no Hindi spelling is kept (GHT-01, correctable under E-147) the printed one stands.
    """
    kept = policy.value("GHT-01", on)
    place = place_in(name)
    letters = kept["letters"]
    block_hi = "".join(letters.get(letter, letter) for letter in block_no.upper())
    names = {"en": place.title(), "hi": kept["ghats"].get(place, place.title())}
    return policy.words("GHT-01", "name", place=names, block={"en": block_no, "hi": block_hi})


@dataclass(frozen=True)
class CorrectionFacts:
    """A corrected record: corners as (latitude, longitude), the area as it is to stand, reason and order."""

    corners: Sequence[tuple[float, float]]
    area_ha: Decimal
    reason: str
    reference: str


@rule("GHT-02", on="block.correct")
def correction_unsound(facts: CorrectionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A ghat's record is corrected with reason and order, and its corners bound one area (E-147).

    Clause: tender 42(xx): the district mining office's right. Our reading: at least the set number of corners, no
    line crossing another. The district mining office may settle a doubt.
    """
    least = int(policy.value("GHT-02", at))
    if not facts.reason.strip() or not facts.reference.strip():
        why = "no_order"
    elif len(facts.corners) < least:
        why = "few_corners"
    elif not is_simple(facts.corners):
        why = "crossed"
    else:
        return None
    return Finding("GHT-02", {"because": policy.words("GHT-02", why, least=least)})


@rule("GHT-03", on="block.correct")
def area_and_corners_differ(facts: CorrectionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The area as it is to stand differs from the one that the corners bound (E-147).

    Clause: tender 42(xx). Our reading: recorded with a warning by the tolerance of the notice's check; the office
    decides. The district mining office may settle a doubt.
    """
    percent = Decimal(str(policy.value("GHT-03", at)))
    if len(facts.corners) < 3 or not is_simple(facts.corners):
        return None
    computed = Decimal(str(round(area_ha(facts.corners), 3)))
    off = abs(computed / facts.area_ha - 1) * 100
    if off <= percent:
        return None
    words = {"area_ha": str(facts.area_ha), "computed_ha": str(computed), "off_percent": str(round(off, 1))}
    return Finding("GHT-03", words, severity="warning")
