"""The minutes of an e-auction as a paper: facts, every bid, no loser's name, the head of the chain, signatures."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from immis.auctions.models import Lot, LotEvent, TechnicalBid
from immis.auctions.selectors.lots import Outcome, outcome_of
from immis.clock import INDIA
from immis.core.errors import NotFound
from immis.core.papers.documents import (
    DEPARTMENT,
    GOVERNMENT,
    Bilingual,
    compile_typst,
    date_text,
    filled,
    instant_text,
    words_of_paper,
)
from immis.registry.selectors import Office, office_for
from immis.rules.auctions.lots import increment_rupees
from immis.rules.calendar import india_day
from immis.rules.policy import book
from immis.rules.writing.numbers import format_rupees, rupees_in_words

TEMPLATE = Path(__file__).parent.parent / "templates" / "minutes.typ"
_WORDS = words_of_paper("minutes")
_SIGNATURES = ("signature_chair", "signature_mdo", "signature_member", "signature_member")


@dataclass(frozen=True)
class _Held:
    """A lot that is over and announced, with all its events."""

    lot: Lot
    events: list[LotEvent]
    outcome: Outcome
    office: Office | None

    @property
    def bids(self) -> list[LotEvent]:
        return [event for event in self.events if event.kind == "bid_accepted"]

    @property
    def refused(self) -> int:
        return sum(1 for event in self.events if event.kind == "bid_refused")

    @property
    def closing(self) -> LotEvent:
        return self.events[-1]


def minutes_of(lot: Lot, at: datetime) -> bytes:
    """The minutes of a lot as a PDF in both languages. Raises NotFound before the result is announced.

    The same events give the same bytes; bidders stand under their alias of the audit document, the winner by
    name as far as AUC-08 allows.
    """
    outcome = outcome_of(lot, at)
    if outcome is None or outcome.announced_at is None:
        raise NotFound(f"minutes of {lot.code}")
    office = office_for(district=lot.notice.district, role="district")
    held = _Held(lot, list(LotEvent.objects.filter(lot=lot).order_by("seq")), outcome, office)
    return compile_typst(TEMPLATE, _paper(held), created_at=outcome.announced_at)


def _paper(held: _Held) -> dict[str, Any]:
    lot, office = held.lot, held.office
    place = Bilingual(office.name_hi, office.name_en) if office else Bilingual(lot.notice.district, lot.notice.district)
    return {
        "number": lot.code,
        "dated_on": date_text(india_day(held.outcome.announced_at or lot.ends_at)),
        "government": GOVERNMENT,
        "department": DEPARTMENT,
        "office": place,
        "subject": _subject(lot),
        "facts": [*_offer(lot), *_course(held)],
        "result": _result(held),
        "rows": [_row(event) for event in held.events if event.kind != "bid_refused"],
        "chain": _chain(held),
        "clauses": [f"{rule['code']}: {rule['cites']}" for rule in _rules(held).get("policy", ())],
        "signatures": [_WORDS[who] for who in _SIGNATURES],
    }


def _rules(held: _Held) -> dict[str, Any]:
    """The rules of the lot as its closing event keeps them under its hash."""
    return held.closing.body.get("rules") or {}


def _subject(lot: Lot) -> Bilingual:
    block = lot.block
    ghat = {"hi": block.name_hi, "en": block.name_en}
    return filled("minutes", "subject", ghat=ghat, area_ha=block.area_ha)


def _fact(name: str, value: Any) -> dict[str, Any]:
    return {"name": _WORDS[name], "value": str(value)}


def _offer(lot: Lot) -> list[dict[str, Any]]:
    step = increment_rupees(lot.reserve_rupees, policy=book(), on=lot.opens_at)
    return [
        _fact("notice", lot.notice.number or lot.notice.source_name),
        _fact("reserve", format_rupees(lot.reserve_rupees)),
        _fact("earnest", format_rupees(lot.emd_rupees)),
        _fact("increment", format_rupees(step)),
    ]


def _course(held: _Held) -> list[dict[str, Any]]:
    lot = held.lot
    applied, passed = TechnicalBid.objects.filter(lot=lot).count(), held.outcome.passed
    return [
        _fact("opened", instant_text(lot.opens_at)),
        _fact("scheduled_end", instant_text(lot.closes_at)),
        _fact("actual_end", instant_text(lot.ends_at)),
        _fact("technical_bids", f"{applied} / {passed}"),
        _fact("bids", f"{len(held.bids)} / {held.refused}"),
    ]


def _result(held: _Held) -> dict[str, Any]:
    outcome = held.outcome
    winner, amount = outcome.winner if outcome.result == "sold" else None, outcome.amount_rupees
    result = held.lot.result
    return {
        "words": _WORDS.get(f"result_{result}", Bilingual(result, result)),
        "winner": Bilingual(winner.name_hi, winner.name_en) if winner else None,
        "amount": format_rupees(amount) if amount else None,
        "in_words": Bilingual(rupees_in_words(amount, "hi"), rupees_in_words(amount, "en")) if amount else None,
    }


def _row(event: LotEvent) -> dict[str, Any]:
    kind = _WORDS.get(event.kind, Bilingual(event.kind, event.kind))
    until = event.body.get("ends_at") if event.kind == "extended" else None
    return {
        "number": event.seq,
        "time": event.at.astimezone(INDIA).strftime("%d.%m.%Y %H:%M:%S.%f")[:-3],
        "kind": kind,
        "alias": event.body.get("bidder") or "",
        "amount": format_rupees(event.amount_rupees) if event.amount_rupees and event.kind == "bid_accepted" else "",
        "until": instant_text(datetime.fromisoformat(until)) if until else "",
    }


def _chain(held: _Held) -> dict[str, Any]:
    code, signed = held.lot.code, held.lot.signed_head
    return {
        "head": held.lot.last_hash,
        "signature": signed.get("signature", ""),
        "key": signed.get("key", {}).get("kid", ""),
        "public": signed.get("key", {}).get("x", ""),
        "events": len(held.events),
        "url": f"{settings.PUBLIC_URL.rstrip('/')}/data/auctions/{code}.json",
        "command": f"immis auction verify {code}.json",
    }
