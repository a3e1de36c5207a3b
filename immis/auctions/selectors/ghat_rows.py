"""Where each row of a notice goes: which ghat of the register it is, under which number its lot stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from immis.auctions.models import Lot, Notice
from immis.auctions.selectors.places import corrected_by, standing_on
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.leases.selectors import is_settled
from immis.registry.selectors import Block, blocks
from immis.rules.catalogue import Finding, find
from immis.rules.land.blocks import GhatFreeFacts, GhatPlaceFacts, Likeness, same_ghat, shared_percent
from immis.rules.land.ghats import ghat_names
from immis.rules.notices.facts import GhatFacts, NoticeFacts
from immis.rules.policy import book

#: Letters behind a number that another ghat of the same notice has taken already.
_LETTERS = "BCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Place:
    """One row of a notice: its ghat (None: a new one) and the lot that it corrects, or the auction that it follows."""

    ghat: GhatFacts
    names: Mapping[str, str]
    block: Block | None = None
    standing: Lot | None = None
    previous: Lot | None = None
    restated: bool = False


@dataclass
class _Register:
    """The ghats that a notice may name: those of its district, and the lots of the notice that it corrects."""

    district: str
    blocks: list[Block]
    lots: dict[int, Lot] = field(default_factory=dict)

    @property
    def own(self) -> list[Block]:
        return [block for block in self.blocks if block.district == self.district]


def corners_of(ghat: GhatFacts) -> list[list[float]]:
    """The corners of a row as the register keeps them."""
    return [[corner.lat, corner.lon] for corner in ghat.corners]


def likenesses_of(ghat: GhatFacts, names: Mapping[str, str], blocks: Iterable[Block]) -> tuple[Likeness, ...]:
    """How far a row is like each of these ghats; those that share neither name nor ground are left out."""
    corners, results = corners_of(ghat), []
    for block in blocks:
        named = (block.block_no, block.name_en) == (ghat.code, names["en"])
        shared = shared_percent(block.corners, corners)
        if named or shared:
            results.append(Likeness(block.code, named, shared))
    return tuple(sorted(results, key=lambda row: (not row.named, -(row.shared_percent or 0))))


def places_of(facts: NoticeFacts, earlier: Sequence[Notice], *, same_blocks: Mapping[int, str]) -> list[Place]:
    """The place of every row; ``earlier`` are the notices that this one corrects, ``same_blocks`` the officer's word.

    Raises Refusal (AUC-160) for rows that may be a ghat of the register, (AUC-161) for a ghat that is under auction or
    settled, NotPermitted for ground of another district.
    """
    lots = Lot.objects.select_related("block").filter(notice__in=earlier).order_by("opens_at", "id")
    register = _Register(facts.district, list(blocks().order_by("id")), {lot.serial: lot for lot in lots})
    starts_at = _starts_at(facts)
    findings: list[Finding] = []
    places = []
    for ghat, asked in zip(facts.ghats, _asked(facts, register, same_blocks), strict=True):
        _refuse_foreign(ghat, register, at=starts_at)
        findings += find("auction.place", asked, policy=book(), at=starts_at)
        code = same_ghat(asked, policy=book(), at=starts_at)
        block = next((row for row in register.own if row.code == code), None)
        places.append(_place(ghat, block, earlier, facts))
    if findings := findings + _not_free(places, at=starts_at):
        raise Refusal(findings)
    return places


def doubtful_rows(facts: NoticeFacts) -> dict[int, list[str]]:
    """Rows that may be ghats of the register (AUC-160), by serial number, with the ghats that each may be."""
    if facts.programme.auction_starts_at is None:
        return {}
    lots = Lot.objects.select_related("block").filter(notice__in=corrected_by(facts)).order_by("opens_at", "id")
    own = list(blocks(district=facts.district).order_by("id"))
    register = _Register(facts.district, own, {lot.serial: lot for lot in lots})
    result: dict[int, list[str]] = {}
    for asked in _asked(facts, register, {}):
        for finding in find("auction.place", asked, policy=book(), at=_starts_at(facts)):
            result[asked.serial] = list(finding.facts["likely"])
    return result


def _asked(facts: NoticeFacts, register: _Register, same_blocks: Mapping[int, str]) -> list[GhatPlaceFacts]:
    """Every row beside the ghats of its district, as the rule reads it."""
    asked = []
    for ghat in facts.ghats:
        names = names_of(ghat, _starts_at(facts))
        word = _said(ghat, names, register, same_blocks)
        likenesses = likenesses_of(ghat, names, register.own)
        asked.append(GhatPlaceFacts(ghat.serial, ghat.name[:160], likenesses, word))
    return asked


def names_of(ghat: GhatFacts, on: datetime) -> Mapping[str, str]:
    """The names of a row in both languages."""
    return ghat_names(ghat.name, ghat.code, policy=book(), on=on)


def _starts_at(facts: NoticeFacts) -> datetime:
    starts_at = facts.programme.auction_starts_at
    if starts_at is None:
        raise NotFound("start of the auction in this notice")
    return starts_at


def _said(ghat: GhatFacts, names: Mapping[str, str], register: _Register, same_blocks: Mapping[int, str]) -> str:
    """The officer's word on a row; in a corrigendum the row corrects the lot of its number if name or ground agrees."""
    if word := same_blocks.get(ghat.serial, ""):
        return word
    lot = register.lots.get(ghat.serial)
    if lot is None:
        return ""
    (like, *_rest) = likenesses_of(ghat, names, [lot.block]) or (None,)
    least = book().value("AUC-160", lot.opens_at)["same_from_percent"]
    return lot.block.code if like and (like.named or (like.shared_percent or 0) >= least) else ""


def _refuse_foreign(ghat: GhatFacts, register: _Register, *, at: datetime) -> None:
    foreign = [row for row in register.blocks if row.district != register.district]
    least = book().value("AUC-160", at)["same_from_percent"]
    for likeness in likenesses_of(ghat, names_of(ghat, at), foreign):
        if (likeness.shared_percent or 0) >= least:
            raise NotPermitted(f"row {ghat.serial} is the ground of {likeness.block}, a ghat of another district")


def _place(ghat: GhatFacts, block: Block | None, earlier: Sequence[Notice], facts: NoticeFacts) -> Place:
    names = names_of(ghat, _starts_at(facts))
    if block is None:
        return Place(ghat, names)
    last = Lot.objects.select_related("block").filter(block=block).order_by("-opens_at", "-id").first()
    if last is None:
        return Place(ghat, names, block)
    own = last.notice_id in {row.pk for row in earlier}
    if own and last.result == "open":
        return Place(ghat, names, block, standing=last)
    if own and any(row.programme.get("auction_starts_at") == _starts_at(facts).isoformat() for row in earlier):
        return Place(ghat, names, block, restated=True)
    return Place(ghat, names, block, previous=last)


def _not_free(places: Sequence[Place], *, at: datetime) -> list[Finding]:
    """A ghat twice in one notice, and ghats whose auction or settlement is not over."""
    findings: list[Finding] = []
    seen: set[str] = set()
    for place in places:
        if place.block is None or place.restated:
            continue
        standing = place.block.code if place.block.code in seen else ""
        seen.add(place.block.code)
        if place.standing is None and not standing:
            standing = standing_on(place.block, place.previous, before=at)
        asked = GhatFreeFacts(place.ghat.serial, place.ghat.name[:160], standing)
        findings += find("auction.place_free", asked, policy=book(), at=at)
    return findings


def block_code_of(notice: Notice, serial: int) -> str:
    """The number of a new ghat: its notice and its serial number there (``MUN-2026-01``, ``MUN-2026-2-01``)."""
    return _free_code(f"{notice.code}-{serial:02d}", _LETTERS)


def lot_code_of(notice: Notice, place: Place, block: Block) -> str:
    """The number of a lot: that of its row, or for a further auction of a ghat the ghat's with its count (``-R2``)."""
    if place.previous is None:
        own = f"{notice.code}-{place.ghat.serial:02d}"
        same = block.code.rstrip(_LETTERS) == own and _is_free(block.code)
        return block.code if same else _free_code(own, _LETTERS)
    count = Lot.objects.filter(block=block).count() + 1
    return _free_code(f"{block.code}-R{count}", _LETTERS)


def _free_code(code: str, letters: str) -> str:
    known = (code, *(f"{code}{letter}" for letter in letters))
    return next(row for row in known if _is_free(row) and not blocks(code=row).exists())


def _is_free(code: str) -> bool:
    return not (Lot.every.filter(code=code).exists() or is_settled(code))
