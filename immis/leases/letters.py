"""The letter of intent of a settlement, filled from its record."""

from datetime import date

from immis.core.documents import Bilingual
from immis.core.errors import NotFound
from immis.leases.documents import LoiDeadline, LoiPrint, loi_pdf
from immis.leases.models import Lease
from immis.registry.selectors import office_for
from immis.rules import leases as rules
from immis.rules.calendar import india_day
from immis.rules.districts import district_name
from immis.rules.money import PAISE
from immis.rules.policy import book
from immis.rules.words import cited_in_hindi


def loi_of(lease: Lease) -> bytes:
    """The letter of intent as a PDF in both languages (E-079). Raises NotFound before it is issued."""
    if lease.loi_on is None:
        raise NotFound(f"no letter of intent for {lease.number}")
    block, party = lease.block, lease.party
    office = office_for(district=lease.district, role="district")
    district = Bilingual(office.name_hi if office else lease.district, office.name_en if office else lease.district)
    facts = LoiPrint(
        number=lease.loi_number,
        dated_on=lease.loi_on,
        party=f"{party.name_hi} ({party.name_en})",
        address=party.address,
        ghat=Bilingual(f"{block.name_hi} (खण्ड {block.block_no})", f"{block.name_en} (block {block.block_no})"),
        district=Bilingual(district_name(lease.district, "hi"), lease.district),
        office=district,
        auction=lease.lot_code,
        auctioned_on=india_day(lease.auction_closed_at),
        area_ha=block.area_ha.normalize(),
        bid_rupees=lease.bid_rupees,
        security_paise=lease.security_paise,
        first_year_paise=lease.bid_rupees * PAISE,
        deadlines=_deadlines(lease, lease.loi_on),
        clauses=_clauses(),
        signatory=Bilingual("समाहर्ता", "Collector"),
        copies=(Bilingual("निदेशक (खान), बिहार", "Director of Mines, Bihar"),),
    )
    return loi_pdf(facts)


def _cites(code: str, lease: Lease) -> Bilingual:
    cites = book().at(code, lease.auction_closed_at, district=lease.district).cites
    return Bilingual(cited_in_hindi(cites), cites)


def _days(code: str, lease: Lease) -> int:
    return int(book().value(code, lease.auction_closed_at, district=lease.district))


def _deadlines(lease: Lease, loi_on: date) -> tuple[LoiDeadline, ...]:
    plan_due = rules.clearance_due_on("plan", loi_on, policy=book(), on=lease.auction_closed_at)
    ec, consents, months = _days("LSE-05", lease), _days("LSE-06", lease), _days("LSE-09", lease)
    return (
        LoiDeadline(
            Bilingual("खनन योजना प्रस्तुत करना", "Submit the mining plan"), _cites("LSE-04", lease), due_on=plan_due
        ),
        LoiDeadline(
            Bilingual("पर्यावरणीय स्वीकृति का आवेदन", "Apply for environmental clearance"),
            _cites("LSE-05", lease),
            due=Bilingual(f"खनन योजना अनुमोदन के {ec} दिनों के अंदर", f"within {ec} days of the plan's approval"),
        ),
        LoiDeadline(
            Bilingual("जल एवं वायु सहमति का आवेदन", "Apply for water and air consents"),
            _cites("LSE-06", lease),
            due=Bilingual(f"EC के {consents} दिनों के अंदर", f"within {consents} days of the EC"),
        ),
        LoiDeadline(
            Bilingual("प्रथम किस्त का भुगतान", "Pay the first instalment"),
            _cites("LSE-08", lease),
            due=Bilingual("पट्टा संविदा निष्पादन से पहले", "before the deed is executed"),
        ),
        LoiDeadline(
            Bilingual("पट्टा संविदा का निबंधन", "Register the deed"),
            _cites("LSE-09", lease),
            due=Bilingual(f"निष्पादन के {months} माह के अंदर", f"within {months} month of execution"),
        ),
    )


def _clauses() -> tuple[Bilingual, ...]:
    return (
        Bilingual("प्रतिभूति राशि पर कोई ब्याज देय नहीं होगा।", "No interest is paid on the security deposit."),
        Bilingual(
            "सभी वैधानिक स्वीकृतियाँ, देय किस्त एवं पट्टा संविदा के बाद ही खनन की अनुमति दी जाएगी।",
            "Mining is permitted only after all clearances, the due instalment and the deed.",
        ),
        Bilingual(
            "खनन योजना, EC एवं सहमति में जो मात्रा कम हो, वही अनुमान्य होगी; वार्षिक राशि कम नहीं होगी।",
            "The least quantity of plan, EC and consents is permitted; the yearly amount is not lowered.",
        ),
    )
