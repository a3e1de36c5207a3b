"""Papers of bidders to print: the registration (E-017) and form 3, the technical bid (E-175 to E-192)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from immis.auctions.models import Bidder, TechnicalBid
from immis.auctions.selectors.bidders import papers_of
from immis.auctions.selectors.payments import emd_state
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
from immis.registry.selectors import office_for
from immis.rules.policy import book
from immis.rules.writing.numbers import format_rupees

TEMPLATE = Path(__file__).parent.parent / "templates" / "form.typ"
_NONE = "—"
_WORDS = words_of_paper("bidders")
_PARTICULARS = (
    *("signatory", "father_name", "correspondence_address", "permanent_address"),
    *("phone_office", "phone_home", "mobile", "email"),
)


def _row(name: str | Bilingual, value: Any) -> dict[str, Any]:
    """A line of the paper; ``name`` is a key of the paper's words, or the words themselves."""
    if isinstance(value, Bilingual):
        value = f"{value.hi} / {value.en}"
    elif isinstance(value, datetime):
        value = instant_text(value)
    elif isinstance(value, date):
        value = date_text(value)
    return {"name": _WORDS[name] if isinstance(name, str) else name, "value": str(value or _NONE)}


def _part(name: str, rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"title": _WORDS[f"part_{name}"], "rows": list(rows)}


def _person(bidder: Bidder) -> list[dict[str, Any]]:
    party, kept = bidder.party, bidder.particulars
    aadhaar = f"xxxx xxxx {bidder.aadhaar_last4}" if bidder.aadhaar_last4 else ""
    return [
        _row("party", f"{party.name_hi} ({party.name_en})"),
        *(_row(name, kept.get(name)) for name in _PARTICULARS),
        _row("pan", party.pan),
        _row("aadhaar", aadhaar),
        _row("gstin", party.gstin),
    ]


def _signature(bidder: Bidder) -> list[dict[str, Any]]:
    row = bidder.certificates.first()
    if row is None:
        return [_row("serial", None)]
    return [
        _row("serial", row.serial),
        _row("klass", row.klass),
        _row("issuer", row.issuer),
        _row("certificate_until", row.valid_until),
    ]


def _pdf(
    title: Bilingual, number: str, parts: Sequence[dict[str, Any]], *, bidder: Bidder, office: Bilingual, at: datetime
) -> bytes:
    data = {
        "title": title,
        "number": number,
        "government": GOVERNMENT,
        "department": DEPARTMENT,
        "office": office,
        "parts": list(parts),
        "declaration": _WORDS["declaration"],
        "dated": filled("bidders", "dated", at=instant_text(at)),
        "signatory": bidder.particulars.get("signatory") or bidder.party.name_hi,
    }
    return compile_typst(TEMPLATE, data, created_at=at)


def registration_pdf(bidder: Bidder) -> bytes:
    """The registration of a bidder as an A4 paper in both languages (E-017); Aadhaar stands in it masked."""
    validity = [_row("registered_at", bidder.registered_at), _row("valid_until", bidder.valid_until)]
    parts = [
        _part("bidder", _person(bidder)),
        _part("signature", _signature(bidder)),
        _part("validity", validity),
    ]
    title = _WORDS["registration"]
    return _pdf(title, bidder.party.code, parts, bidder=bidder, office=DEPARTMENT, at=bidder.registered_at)


def technical_bid_pdf(bid: TechnicalBid) -> bytes:
    """Form 3 of one lot as an A4 paper in both languages (E-175 to E-192)."""
    lot, bidder = bid.lot, bid.bidder
    office = office_for(district=lot.notice.district, role="district")
    name = Bilingual(office.name_hi, office.name_en) if office else Bilingual(lot.notice.district, lot.notice.district)
    parts = [
        _part("bidder_1_7", _person(bidder)),
        _part("declarations", _declarations(bid)),
        _part("turnover", _turnover(bid)),
        _part("papers", _papers(bid)),
        _part("ghat", _ghat(bid)),
        _part("earnest", _earnest(bid)),
        _part("signature", _signature(bidder)),
    ]
    title = _WORDS["technical_bid"]
    at = datetime.fromisoformat(bid.form["declared_at"]) if bid.form else bid.applied_at
    return _pdf(title, lot.code, parts, bidder=bidder, office=name, at=at)


def _declarations(bid: TechnicalBid) -> list[dict[str, Any]]:
    return [
        _row("no_dues", _WORDS.get(f"dues_{bid.form.get('no_dues', '')}")),
        _row("gst", bid.bidder.party.gstin or _WORDS.get(f"gst_{bid.form.get('gst', '')}")),
        _row("declared_by", bid.form.get("declared_by")),
    ]


def _turnover(bid: TechnicalBid) -> list[dict[str, Any]]:
    years = book().value("AUC-10", bid.lot.opens_at)["named_years"]
    own, joint = bid.bidder.party.name_en, bid.members
    rows = [(own, bid.turnover_rupees), *((f"{row['name']} ({row['pan']})", row["turnover_rupees"]) for row in joint)]
    return [
        _row(Bilingual(f"{year}: {name}", f"{year}: {name}"), format_rupees(sums[place]))
        for name, sums in rows
        for place, year in enumerate(years)
        if place < len(sums)
    ]


def _papers(bid: TechnicalBid) -> list[dict[str, Any]]:
    there = _WORDS["attached"]
    return [
        _row(Bilingual(f"({paper.letter}) {paper.name_hi}", paper.name_en), there if paper.document else None)
        for paper in papers_of(bid)
    ]


def _ghat(bid: TechnicalBid) -> list[dict[str, Any]]:
    block = bid.lot.block
    return [
        _row("district", bid.lot.notice.district),
        _row("ghat", Bilingual(block.name_hi, block.name_en)),
        _row("reserve", format_rupees(bid.lot.reserve_rupees)),
    ]


def _earnest(bid: TechnicalBid) -> list[dict[str, Any]]:
    money = emd_state(bid)
    return [
        _row("bank", bid.form.get("emd_bank")),
        _row("bank_ref", money.bank_ref),
        _row("paid_at", money.paid_at),
        _row("amount", format_rupees(bid.lot.emd_rupees)),
        _row("account", bid.bank_account),
    ]
