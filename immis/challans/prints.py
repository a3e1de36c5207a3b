"""The printed e-challan of a record: fills the official form from challan, office and clauses."""

from datetime import datetime

from django.conf import settings

from immis.challans import selectors
from immis.challans.documents import ChallanPrint, challan_pdf
from immis.challans.facts import MINERAL, middle_of
from immis.challans.models import Challan
from immis.core.documents import Bilingual
from immis.registry import selectors as registry
from immis.rules.policy import NotInForce, book

_STAMPS = {
    Challan.INVALID: Bilingual("अमान्य", "INVALID"),
    Challan.CANCELLED: Bilingual("रद्द", "CANCELLED"),
    Challan.COMPLETED: Bilingual("उपयोग हो चुका", "USED"),
    Challan.EXPIRED: Bilingual("वैधता समाप्त", "EXPIRED"),
}
#: Conditions printed on the paper; the figures are those in force at issue.
_NOTES = (
    (
        "CH-06",
        "मूल मुद्रित प्रति चालक के पास रहे; एक ई-चालान केवल एक वाहन की एक खेप के लिए है",
        "The driver carries the printed original; one e-challan is for one load of one vehicle",
    ),
    (
        "MOV-01",
        "निर्गमन के {value} मिनट के भीतर बालूघाट से प्रस्थान न होने पर अमान्य",
        "Invalid when the vehicle has not left the ghat within {value} minutes of issue",
    ),
    ("CH-10", "वैधता दूरी के अनुसार; समय समाप्त होने पर अमान्य", "Valid by the distance; void when the time is over"),
)


def _bilingual(thing: object) -> Bilingual:
    return Bilingual(thing.name_hi, thing.name_en)  # type: ignore[attr-defined]


def _notes(at: datetime) -> tuple[Bilingual, ...]:
    found = []
    for code, hi, en in _NOTES:
        try:
            value = book().at(code, at)
        except NotInForce:
            continue
        plain = value.value if isinstance(value.value, int) else ""
        found.append(
            Bilingual(f"{hi.format(value=plain)} ({value.cites})", f"{en.format(value=plain)} ({value.cites})")
        )
    return tuple(found)


def _issuer(challan: Challan) -> str:
    user = registry.users(pk=challan.issued_by_id).first() if challan.issued_by_id else None
    return (user.name_hi or user.name_en or user.username) if user else challan.party.name_hi


def print_of(challan: Challan, *, at: datetime) -> bytes:
    """The A4 PDF of a challan; one that is no longer in force carries a stamp across the page."""
    block, mineral = challan.lease.block, MINERAL[challan.mineral]
    office = registry.office_for(district=challan.lease.district, role="district")
    lat, lon = middle_of(block)
    facts = ChallanPrint(
        number=challan.number,
        vehicle=challan.vehicle.registration,
        office=_bilingual(office) if office else Bilingual("जिला खनन कार्यालय", "District Mining Office"),
        mineral=Bilingual(mineral["hi"], mineral["en"]),
        quantity_m3=challan.quantity_m3,
        weight_kg=None,
        source=_bilingual(block),
        source_lat=lat,
        source_lon=lon,
        lease_number=challan.lease.number,
        settlee=challan.party.name_hi,
        destination=f"{challan.place.name_hi} / {challan.place.name_en}",
        distance_km=challan.distance_km,
        issued_at=challan.issued_at,
        valid_until=challan.valid_until,
        issued_by=_issuer(challan),
        qr_text=challan.pass_text,
        verify_url=f"{settings.PUBLIC_URL.rstrip('/')}/verify",
        driver=challan.driver_name,
        notes=_notes(challan.issued_at),
        stamp=_STAMPS.get(selectors.standing_of(challan, at=at).state),
    )
    return challan_pdf(facts)
