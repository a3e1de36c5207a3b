"""The printed e-challan of a record: fills the official form from challan, office and clauses."""

from datetime import datetime

from django.conf import settings

from immis.challans import selectors
from immis.challans.documents import ChallanPrint, challan_pdf
from immis.challans.facts import MINERAL, middle_of
from immis.challans.loads import BY_HAND
from immis.challans.models import Challan
from immis.core.papers.documents import Bilingual, filled, words_of_paper
from immis.registry import selectors as registry
from immis.rules.policy import NotInForce, book

_STAMPED = {Challan.INVALID, Challan.CANCELLED, Challan.COMPLETED, Challan.EXPIRED}
#: Conditions printed on the paper; the figures are those in force at issue.
_NOTES = ("CH-06", "MOV-01", "CH-10")
#: Conditions without a figure: the load covered, the way kept.
_ALWAYS = ("tarpaulin", "route")


def _bilingual(thing: object) -> Bilingual:
    return Bilingual(thing.name_hi, thing.name_en)  # type: ignore[attr-defined]


def _notes(at: datetime) -> tuple[Bilingual, ...]:
    notes = []
    for code in _NOTES:
        try:
            value = book().at(code, at)
        except NotInForce:
            continue
        plain = value.value if isinstance(value.value, int) else ""
        note = filled("challan", f"note_{code}", value=plain)
        notes.append(Bilingual(f"{note.hi} ({value.cites})", f"{note.en} ({value.cites})"))
    return (*notes, *(words_of_paper("challan")[f"note_{name}"] for name in _ALWAYS))


def _issuer(challan: Challan) -> str:
    user = registry.users(pk=challan.issued_by_id).first() if challan.issued_by_id else None
    return (user.name_hi or user.name_en or user.username) if user else challan.party.name_hi


def distance_words(challan: Challan) -> Bilingual:
    """How the distance of a challan was found: by road, or reckoned from the straight line (CH-11)."""
    if challan.road_id:
        return words_of_paper("challan")["by_road"]
    return filled("challan", "by_line", factor=book().value("CH-11", challan.issued_at))


def print_of(challan: Challan, *, at: datetime) -> bytes:
    """The A4 PDF of a challan; one that is no longer in force carries a stamp across the page."""
    block, mineral = challan.lease.block, MINERAL[challan.mineral]
    office = registry.office_for(district=challan.lease.district, role="district")
    lat, lon = middle_of(block)
    state = selectors.standing_of(challan, at=at).state
    facts = ChallanPrint(
        number=challan.number,
        vehicle=challan.vehicle.registration,
        office=_bilingual(office) if office else words_of_paper("head")["district_office"],
        mineral=Bilingual(mineral["hi"], mineral["en"]),
        quantity_m3=challan.quantity_m3,
        weight_kg=challan.net_kg,
        by_hand=challan.weight_by if challan.weight_how == BY_HAND else "",
        source=_bilingual(block),
        source_lat=lat,
        source_lon=lon,
        lease_number=challan.lease.number,
        settlee=challan.party.name_hi,
        destination=f"{challan.place.name_hi} / {challan.place.name_en}",
        distance_km=challan.distance_km,
        distance_by=distance_words(challan),
        issued_at=challan.issued_at,
        valid_until=challan.valid_until,
        issued_by=_issuer(challan),
        qr_text=challan.pass_text,
        verify_url=f"{settings.PUBLIC_URL.rstrip('/')}/verify",
        driver=challan.driver_name,
        notes=_notes(challan.issued_at),
        stamp=words_of_paper("challan")[f"stamp_{state}"] if state in _STAMPED else None,
    )
    return challan_pdf(facts)
