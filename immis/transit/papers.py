"""The printed transit pass: what its driver carries beside the challan of the origin."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from immis.challans.signed.qr import qr_svg
from immis.core.papers.documents import (
    DEPARTMENT,
    GOVERNMENT,
    Bilingual,
    compile_typst,
    instant_text,
    words_of_paper,
)
from immis.private import kind_of_settings
from immis.registry import selectors as registry
from immis.rules.districts import NAMES_HI
from immis.rules.policy import NotInForce, book
from immis.rules.writing.numbers import group_indian, shown_paise
from immis.rules.writing.texts import texts
from immis.transit.facts import state_names
from immis.transit.models import TransitPass
from immis.transit.selectors import state_of

TEMPLATE = Path(__file__).parent / "templates" / "istp.typ"
#: ``test``: on every pass of an installation to practise or rehearse on.
_STAMPED = ("withdrawn", "expired", "entered", "test")
_NOTES = ("both", "end", "load", "check")


def _both(words: Any) -> str:
    return f"{words['hi']} / {words['en']}"


def _shown(row: TransitPass) -> str:
    quantity = group_indian(row.quantity.normalize()) if row.quantity == int(row.quantity) else f"{row.quantity:f}"
    quantity = quantity.rstrip("0").rstrip(".") if "." in quantity else quantity
    return f"{quantity} {_both(texts('transit/units')[row.unit])}"


def _particulars(row: TransitPass) -> list[dict[str, Any]]:
    rows = [
        ("origin_state", _both(state_names(row.origin_state))),
        ("origin_number", row.origin_number),
        ("origin_issued", instant_text(row.origin_issued_at)),
        ("consignor", row.consignor),
        ("mineral", _both(texts("transit/minerals")[row.mineral])),
        ("quantity", _shown(row)),
        ("fee", shown_paise(row.fee_paise)),
        ("demand", row.demand),
        ("destination", f"{row.destination}, {NAMES_HI.get(row.district, row.district)} / {row.district}"),
        ("consignee", row.consignee),
        ("driver", row.driver_name),
        ("party", row.party.name_hi),
    ]
    return [{"name": words_of_paper("istp")[name], "value": value} for name, value in rows]


def _notes(row: TransitPass) -> list[Bilingual]:
    notes = [words_of_paper("istp")[f"note_{name}"] for name in _NOTES]
    try:
        cites = book().at("IST-04", row.applied_at).cites
    except NotInForce:
        return notes
    return [Bilingual(f"{notes[0].hi} ({cites})", f"{notes[0].en} ({cites})"), *notes[1:]]


def pass_pdf(row: TransitPass, *, at: datetime) -> bytes:
    """The A4 PDF of an issued pass; one that is no longer in force carries a stamp across the page."""
    assert row.issued_at is not None
    office = registry.office_for(district=row.district, role="district")
    state = "test" if kind_of_settings() == "training" else state_of(row, at)
    data = {
        "number": row.number,
        "vehicle": row.vehicle.registration,
        "government": GOVERNMENT,
        "department": DEPARTMENT,
        "office": Bilingual(office.name_hi, office.name_en) if office else words_of_paper("head")["district_office"],
        "title": words_of_paper("istp")["title"],
        "issued": instant_text(row.issued_at),
        "valid_until": instant_text(row.origin_until),
        "same_end": words_of_paper("istp")["same_end"],
        "particulars": _particulars(row),
        "notes": _notes(row),
        "stamp": words_of_paper("istp")[f"stamp_{state}"] if state in _STAMPED else None,
        "checked": _both(book().words("IST-06", _how(row))),
        "verify_url": f"{settings.PUBLIC_URL.rstrip('/')}/verify",
        "qr_svg": qr_svg(row.pass_text),
    }
    return compile_typst(TEMPLATE, data, created_at=row.issued_at)


def _how(row: TransitPass) -> str:
    return "by_paper" if row.checked_how == "paper" else row.checked_how
