"""The register of rivers, and which of them a text means (E-021)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import slugify

from immis.core.errors import NotFound, Refusal
from immis.registry.models import Block, River
from immis.rules.catalogue import find
from immis.rules.land.rivers import RiverFacts, capped_rivers, spelled
from immis.rules.policy import book
from immis.rules.writing.texts import texts


@dataclass(frozen=True)
class KnownRiver:
    """A river of the register; one that the law names is known without an entry, and stands as the law has it.

    ``is_capped`` says that the cap of clause 3(ii) holds on it, ``ghats`` how many ghats lie there.
    """

    code: str
    name_en: str
    name_hi: str
    spellings: tuple[str, ...]
    is_capped: bool
    by_law: bool
    ghats: int = 0


def known_rivers(at: datetime) -> list[KnownRiver]:
    """Every river of the register: those that the law names first, then the others by name."""
    capped = capped_rivers(policy=book(), at=at)
    counts: dict[str, int] = {}
    for name in Block.objects.exclude(river="").values_list("river", flat=True):
        counts[name] = counts.get(name, 0) + 1
    by_law = book().value("GHT-04", at)["spellings"]
    rows = [
        KnownRiver(slugify(name), name, texts("law/rivers")[name]["hi"], tuple(more), name in capped, True)
        for name, more in by_law.items()
    ]
    rows += [
        KnownRiver(row.code, row.name_en, row.name_hi, tuple(row.spellings), row.name_en in capped, False)
        for row in River.objects.all()
    ]
    return [KnownRiver(**{**vars(row), "ghats": counts.get(row.name_en, 0)}) for row in rows]


def river_of(code: str, at: datetime) -> KnownRiver:
    """One river by its code. Raises NotFound."""
    row = next((row for row in known_rivers(at) if row.code == code), None)
    if row is None:
        raise NotFound(f"river {code}")
    return row


def river_on_record(text: str, *, at: datetime) -> str:
    """The name under which a river stands in the register, whatever its spelling; empty for an empty text.

    Raises Refusal (GHT-04) for a river that is not known.
    """
    known = known_rivers(at)
    name = rivers_meant(known, at).get(as_compared(text, at), "")
    if findings := find(
        "ghat.river", RiverFacts(text, name, tuple(row.name_en for row in known)), policy=book(), at=at
    ):
        raise Refusal(findings)
    return name


def as_compared(text: str, at: datetime) -> str:
    """A river's name as spellings are compared."""
    return spelled(text, leave_out=book().value("GHT-04", at)["leave_out"])


def rivers_meant(known: Sequence[KnownRiver], at: datetime, *, but: str = "") -> dict[str, str]:
    """Which river each spelling means, as spellings are compared; the empty one means none."""
    rows = [row for row in known if row.code != but]
    result = {as_compared(word, at): row.name_en for row in rows for word in (row.name_en, row.name_hi, *row.spellings)}
    return {"": "", **{word: name for word, name in result.items() if word}}
