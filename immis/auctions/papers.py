"""Papers of bidders to print: the registration (E-017) and form 3, the technical bid (E-175 to E-192)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from immis.auctions.models import Bidder, TechnicalBid
from immis.auctions.selectors.bidders import papers_of
from immis.auctions.selectors.payments import emd_state
from immis.core.documents import DEPARTMENT, GOVERNMENT, Bilingual, compile_typst, date_text, instant_text
from immis.registry.selectors import office_for
from immis.rules.policy import book
from immis.rules.words import format_rupees

TEMPLATE = Path(__file__).parent / "templates" / "form.typ"
_NONE = "—"
_TEXTS = {
    "signatory": ("निविदादाता / प्राधिकृत हस्ताक्षरकर्ता का नाम", "Name of the bidder or authorised signatory"),
    "father_name": ("पिता का नाम", "Father's name"),
    "correspondence_address": ("पत्राचार का पता", "Address for letters"),
    "permanent_address": ("स्थायी पता", "Permanent address"),
    "phone_office": ("दूरभाष, कार्यालय", "Telephone, office"),
    "phone_home": ("दूरभाष, आवास", "Telephone, residence"),
    "mobile": ("मोबाइल", "Mobile"),
    "email": ("ई-मेल", "E-mail"),
}
_GST = {
    "registered": Bilingual("GST निबंधित", "Registered for GST"),
    "undertaking": Bilingual("एक माह में निबंधन की घोषणा", "Declaration to register within one month"),
}
_DUES = {
    "certificate": Bilingual("प्रमाण पत्र संलग्न", "Certificate attached"),
    "declaration": Bilingual("घोषणा-पत्र संलग्न", "Declaration attached"),
}


def _row(hi: str, en: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Bilingual):
        value = f"{value.hi} / {value.en}"
    elif isinstance(value, datetime):
        value = instant_text(value)
    elif isinstance(value, date):
        value = date_text(value)
    return {"name": Bilingual(hi, en), "value": str(value or _NONE)}


def _part(hi: str, en: str, rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"title": Bilingual(hi, en), "rows": list(rows)}


def _person(bidder: Bidder) -> list[dict[str, Any]]:
    party, kept = bidder.party, bidder.particulars
    aadhaar = f"xxxx xxxx {bidder.aadhaar_last4}" if bidder.aadhaar_last4 else ""
    return [
        _row("संस्था / व्यक्ति", "Party", f"{party.name_hi} ({party.name_en})"),
        *(_row(hi, en, kept.get(name)) for name, (hi, en) in _TEXTS.items()),
        _row("PAN", "PAN", party.pan),
        _row("आधार (अंतिम चार अंक)", "Aadhaar (last four digits)", aadhaar),
        _row("GSTIN", "GSTIN", party.gstin),
    ]


def _signature(bidder: Bidder) -> list[dict[str, Any]]:
    row = bidder.certificates.first()
    if row is None:
        return [_row("क्रमांक", "Serial", None)]
    return [
        _row("क्रमांक", "Serial", row.serial),
        _row("श्रेणी", "Class", row.klass),
        _row("निर्गतकर्ता", "Issued by", row.issuer),
        _row("मान्यता तक", "Valid until", row.valid_until),
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
        "declaration": Bilingual(
            "मैं घोषणा करता/करती हूँ कि उपर्युक्त विवरण सही हैं तथा निविदा की शर्तें पढ़ कर स्वीकार की गई हैं।",
            "I declare that the particulars above are true and that the terms of the tender are read and accepted.",
        ),
        "dated": Bilingual(f"दिनांक {instant_text(at)}", f"Date {instant_text(at)}"),
        "signatory": bidder.particulars.get("signatory") or bidder.party.name_hi,
    }
    return compile_typst(TEMPLATE, data, created_at=at)


def registration_pdf(bidder: Bidder) -> bytes:
    """The registration of a bidder as an A4 paper in both languages (E-017); Aadhaar stands in it masked."""
    validity = [_row("पंजीकृत", "Registered", bidder.registered_at), _row("मान्य", "Valid until", bidder.valid_until)]
    parts = [
        _part("निविदादाता", "Bidder", _person(bidder)),
        _part("डिजिटल हस्ताक्षर", "Digital signature", _signature(bidder)),
        _part("वैधता", "Validity", validity),
    ]
    title = Bilingual("ई-नीलामी हेतु पंजीयन", "Registration for e-auctions")
    return _pdf(title, bidder.party.code, parts, bidder=bidder, office=DEPARTMENT, at=bidder.registered_at)


def technical_bid_pdf(bid: TechnicalBid) -> bytes:
    """Form 3 of one lot as an A4 paper in both languages (E-175 to E-192)."""
    lot, bidder = bid.lot, bid.bidder
    office = office_for(district=lot.notice.district, role="district")
    name = Bilingual(office.name_hi, office.name_en) if office else Bilingual(lot.notice.district, lot.notice.district)
    parts = [
        _part("निविदादाता (1–7)", "Bidder (1–7)", _person(bidder)),
        _part("घोषणाएँ (8, 11)", "Declarations (8, 11)", _declarations(bid)),
        _part("टर्नओवर (9)", "Turnover (9)", _turnover(bid)),
        _part("कागजात (9–16)", "Papers (9–16)", _papers(bid)),
        _part("बालूघाट (17–19)", "Sand ghat (17–19)", _ghat(bid)),
        _part("अग्रधन (20)", "Earnest money (20)", _earnest(bid)),
        _part("डिजिटल हस्ताक्षर", "Digital signature", _signature(bidder)),
    ]
    title = Bilingual("प्रपत्र 3: तकनीकी निविदा", "Form 3: technical bid")
    at = datetime.fromisoformat(bid.form["declared_at"]) if bid.form else bid.applied_at
    return _pdf(title, lot.code, parts, bidder=bidder, office=name, at=at)


def _declarations(bid: TechnicalBid) -> list[dict[str, Any]]:
    return [
        _row("बकाया रहित", "No dues", _DUES.get(bid.form.get("no_dues", ""))),
        _row("GST", "GST", bid.bidder.party.gstin or _GST.get(bid.form.get("gst", ""))),
        _row("घोषणाकर्ता", "Declared by", bid.form.get("declared_by")),
    ]


def _turnover(bid: TechnicalBid) -> list[dict[str, Any]]:
    years = book().value("AUC-10", bid.lot.opens_at)["named_years"]
    own, joint = bid.bidder.party.name_en, bid.members
    rows = [(own, bid.turnover_rupees), *((f"{one['name']} ({one['pan']})", one["turnover_rupees"]) for one in joint)]
    return [
        _row(f"{year}: {name}", f"{year}: {name}", format_rupees(sums[place]))
        for name, sums in rows
        for place, year in enumerate(years)
        if place < len(sums)
    ]


def _papers(bid: TechnicalBid) -> list[dict[str, Any]]:
    there = Bilingual("संलग्न", "attached")
    return [
        _row(f"({paper.letter}) {paper.name_hi}", paper.name_en, there if paper.document else None)
        for paper in papers_of(bid)
    ]


def _ghat(bid: TechnicalBid) -> list[dict[str, Any]]:
    block = bid.lot.block
    return [
        _row("जिला", "District", bid.lot.notice.district),
        _row("बालूघाट", "Sand ghat", Bilingual(block.name_hi, block.name_en)),
        _row("सुरक्षित जमा राशि", "Reserve price", format_rupees(bid.lot.reserve_rupees)),
    ]


def _earnest(bid: TechnicalBid) -> list[dict[str, Any]]:
    money = emd_state(bid)
    return [
        _row("बैंक एवं शाखा", "Bank and branch", bid.form.get("emd_bank")),
        _row("UTR / GRN", "UTR / GRN", money.bank_ref),
        _row("तिथि", "Date", money.paid_at),
        _row("राशि", "Amount", format_rupees(bid.lot.emd_rupees)),
        _row("निविदादाता का खाता", "Bidder's account", bid.bank_account),
    ]
