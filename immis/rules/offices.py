"""The tree of offices: that of the State (``policy/offices.yaml``), and what a row of a file must have to join it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from immis.rules.catalogue import Finding
from immis.rules.districts import CODES, NAMES_HI
from immis.rules.policy import POLICY_DIR, read_yaml
from immis.rules.posts import OFFICE_KINDS
from immis.rules.registry.cells import misfit, misspelt

#: Kinds of office that lie in one district.
_OF_A_DISTRICT = ("district", "subdivision", "block", "checkpost")
#: The kinds that an office may stand under.
_UNDER = {
    "hq": (),
    "division": ("hq",),
    "monitoring": ("hq",),
    "district": ("hq", "division"),
    "subdivision": ("district",),
    "block": ("district", "subdivision"),
    "checkpost": ("district", "subdivision", "block"),
}
_MOST = {"code": 40, "name_en": 120, "name_hi": 120}


@dataclass(frozen=True)
class OfficeRow:
    """An office with the code of the office above it, its district and its number in the LGD, where it has them."""

    code: str
    kind: str
    name_en: str
    name_hi: str
    parent: str = ""
    district: str = ""
    lgd_code: int | None = None


def is_of_a_district(kind: str) -> bool:
    """Whether an office of a kind lies in one district."""
    return kind in _OF_A_DISTRICT


def kinds_under(kind: str) -> tuple[str, ...]:
    """The kinds of office that may stand directly under one of this kind."""
    return tuple(below for below, allowed in _UNDER.items() if kind in allowed)


def kinds_above(kind: str) -> tuple[str, ...]:
    """The kinds of office that one of this kind may stand under; none for headquarters."""
    return _UNDER[kind]


@cache
def state_tree() -> tuple[OfficeRow, ...]:
    """Headquarters, divisions and districts of the State, each after the office that it stands under."""
    listed: Mapping[str, Any] = read_yaml(POLICY_DIR / "offices.yaml")
    top = listed["state"]
    rows = [OfficeRow(top["code"], "hq", top["en"], top["hi"])]
    for name, division in listed["divisions"].items():
        code = f"division-{name}"
        rows.append(replace(_named(listed["division"], code, "division", division), parent=top["code"]))
        rows += [_district_row(listed["district"], district, code) for district in division["districts"]]
    return tuple(rows)


@cache
def states() -> Mapping[str, Mapping[str, Any]]:
    """The States whose tree of offices is known, by their English name: Hindi name and LGD number."""
    listed: Mapping[str, Mapping[str, Any]] = read_yaml(POLICY_DIR / "offices.yaml")["states"]
    return listed


def tree_of(districts: Collection[str]) -> tuple[OfficeRow, ...]:
    """The part of the State's tree that some districts need: headquarters, their divisions, their own offices."""
    kept = [row for row in state_tree() if row.kind != "district" or row.district in districts]
    above = {row.parent for row in kept if row.kind == "district"}
    return tuple(row for row in kept if row.kind != "division" or row.code in above)


def _named(pattern: Mapping[str, str], code: str, kind: str, words: Mapping[str, str]) -> OfficeRow:
    return OfficeRow(code, kind, pattern["en"].format(name=words["en"]), pattern["hi"].format(name=words["hi"]))


def _district_row(pattern: Mapping[str, str], district: str, parent: str) -> OfficeRow:
    words = {"en": district, "hi": NAMES_HI[district]}
    row = _named(pattern, district.lower().replace(" ", "-"), "district", words)
    return replace(row, parent=parent, district=district, lgd_code=CODES[district].lgd)


def misfits_of(
    row: OfficeRow, *, known: Mapping[str, str], districts: Mapping[str, str] | None = None
) -> list[Finding]:
    """What keeps an office out of the tree (REG-31); ``known`` are the kinds of offices by their codes.

    ``districts`` are those in which offices lie that are known, by their codes: one stands in that of the one above.
    """
    odd = [
        misfit(name, getattr(row, name), "length", most=most)
        for name, most in _MOST.items()
        if not 1 <= len(getattr(row, name)) <= most
    ]
    if not row.code.replace("-", "").replace("_", "").isalnum() or not row.code.isascii():
        odd.append(misfit("code", row.code, "code"))
    if row.kind not in OFFICE_KINDS:
        return [*odd, misspelt("kind", row.kind, frozenset(OFFICE_KINDS))]
    if row.kind in _OF_A_DISTRICT and row.district not in NAMES_HI:
        odd.append(misspelt("district", row.district, frozenset(NAMES_HI)))
    if row.kind not in _OF_A_DISTRICT and row.district:
        odd.append(misfit("district", row.district, "no_district", kind=row.kind))
    if (above := (districts or {}).get(row.parent)) and row.district != above:
        odd.append(misfit("district", row.district, "as_above", district=above))
    return [*odd, *_odd_parent(row, known)]


def _odd_parent(row: OfficeRow, known: Mapping[str, str]) -> list[Finding]:
    allowed = _UNDER[row.kind]
    if not allowed:
        return [misfit("parent", row.parent, "no_parent")] if row.parent else []
    if row.parent not in known:
        return [misspelt("parent", row.parent, frozenset(code for code, kind in known.items() if kind in allowed))]
    if known[row.parent] not in allowed:
        return [misfit("parent", row.parent, "office_kind", kinds=", ".join(allowed))]
    return []
