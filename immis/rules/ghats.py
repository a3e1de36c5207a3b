"""Names of sand ghats for the screen: the notice prints them in English capitals, the reader wants Hindi first."""

import re
from datetime import date, datetime

from immis.rules.policy import PolicyBook

_PRINTED = re.compile(r"^\s*(?P<place>.*?)\s+SAND\s+GHATS?\b", re.IGNORECASE)


def place_in(name: str) -> str:
    """The place in a printed ghat name, in capitals: ``MAHULI SAND GHAT (BLOCK- 3 B)`` is MAHULI."""
    found = _PRINTED.match(name)
    place = found["place"] if found else name.partition("(")[0]
    return " ".join(place.upper().split())


def ghat_names(name: str, block_no: str, *, policy: PolicyBook, on: date | datetime) -> dict[str, str]:
    """A ghat's name in both languages, with its block: ``कलिस्थान फुलकिया बालूघाट (खण्ड 1-ए)``.

    Where no Hindi spelling is kept (GHT-01, correctable under E-147) the printed one stands.
    """
    kept = policy.value("GHT-01", on)
    place = place_in(name)
    letters = kept["letters"]
    block_hi = "".join(letters.get(letter, letter) for letter in block_no.upper())
    return {
        "en": f"{place.title()} Sand Ghat (Block {block_no})",
        "hi": f"{kept['ghats'].get(place, place.title())} बालूघाट (खण्ड {block_hi})",
    }
