"""The printed e-challan: the copy that the driver carries (clauses 34(kha) and 42(ii))."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from immis.challans.signed.qr import qr_svg
from immis.core.papers.documents import (
    DEPARTMENT,
    GOVERNMENT,
    Bilingual,
    compile_typst,
    filled,
    instant_text,
    words_of_paper,
)
from immis.rules.writing.numbers import group_indian

TEMPLATE = Path(__file__).parent / "templates" / "challan.typ"


@dataclass(frozen=True)
class ChallanPrint:
    """All that a printed challan shows.

    ``office`` is the district mining office; ``qr_text`` comes from ``passes.sign_pass``; ``notes`` are the
    conditions with their clauses; ``stamp`` crosses the page in red; instants are
    aware. ``weight_kg`` None means that the load was measured by volume only; ``by_hand`` is the order by which it
    was written by hand.
    """

    number: str
    vehicle: str
    office: Bilingual
    mineral: Bilingual
    quantity_m3: Decimal
    weight_kg: int | None
    source: Bilingual
    source_lat: float
    source_lon: float
    lease_number: str
    settlee: str
    destination: str
    distance_km: Decimal
    issued_at: datetime
    valid_until: datetime
    issued_by: str
    qr_text: str
    verify_url: str
    driver: str = ""
    consignee: str = ""
    by_hand: str = ""
    distance_by: Bilingual | None = None
    notes: tuple[Bilingual, ...] = ()
    stamp: Bilingual | None = None
    government: Bilingual = GOVERNMENT
    department: Bilingual = DEPARTMENT


def _shown(value: Decimal) -> str:
    """A measure without idle zeros: ``8.50`` is ``8.5``."""
    text = group_indian(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _validity(facts: ChallanPrint) -> Bilingual:
    hours, minutes = divmod(round((facts.valid_until - facts.issued_at).total_seconds() / 60), 60)
    return filled("challan", "validity", hours=hours, minutes=minutes)


def _distance(facts: ChallanPrint) -> str:
    """The length of the way, and how it was found where that is known."""
    by = facts.distance_by
    return f"{_shown(facts.distance_km)} km" + (f" ({by.hi} / {by.en})" if by else "")


def _weight(facts: ChallanPrint) -> str:
    if facts.weight_kg is None:
        return "—"
    words = filled("challan", "by_hand", order=facts.by_hand) if facts.by_hand else None
    return f"{group_indian(facts.weight_kg)} kg" + (f" ({words.hi} / {words.en})" if words else "")


def _particulars(facts: ChallanPrint) -> list[dict[str, Any]]:
    rows = [
        ("mineral", f"{facts.mineral.hi} / {facts.mineral.en}"),
        ("quantity", f"{_shown(facts.quantity_m3)} m³"),
        ("weight", _weight(facts)),
        ("distance", _distance(facts)),
        ("source", f"{facts.source.hi} / {facts.source.en}"),
        ("destination", facts.destination),
        ("position", f"{facts.source_lat:.6f}, {facts.source_lon:.6f}"),
        ("settlee", facts.settlee),
        ("lease", facts.lease_number),
        ("driver", facts.driver),
        ("consignee", facts.consignee),
    ]
    return [{"name": words_of_paper("challan")[name], "value": value} for name, value in rows if value]


def challan_data(facts: ChallanPrint) -> dict[str, Any]:
    """What the template prints, worded and formatted."""
    return {
        "number": facts.number,
        "vehicle": facts.vehicle,
        "government": facts.government,
        "department": facts.department,
        "office": facts.office,
        "issued": instant_text(facts.issued_at),
        "valid_until": instant_text(facts.valid_until),
        "validity": _validity(facts),
        "particulars": _particulars(facts),
        "notes": list(facts.notes),
        "stamp": facts.stamp,
        "issued_by": facts.issued_by,
        "verify_url": facts.verify_url,
        "qr_svg": qr_svg(facts.qr_text),
    }


def challan_pdf(facts: ChallanPrint) -> bytes:
    """The A4 PDF of an e-challan in both languages, number on each page, QR signed (E-118, E-128).

    Raises DocumentError when the fonts are missing.
    """
    return compile_typst(TEMPLATE, challan_data(facts), created_at=facts.issued_at)
