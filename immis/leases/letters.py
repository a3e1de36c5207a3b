"""The letter of intent of a settlement, filled from its record."""

import re
from datetime import date

from immis.core.errors import NotFound
from immis.core.papers.documents import Bilingual, filled, words_of_paper
from immis.leases.documents import LoiDeadline, LoiPrint, loi_pdf
from immis.leases.models import Lease
from immis.registry.selectors import Block, office_for
from immis.rules.calendar import india_day
from immis.rules.districts import district_name
from immis.rules.leases import path as rules
from immis.rules.money import PAISE
from immis.rules.policy import book
from immis.rules.writing.numbers import cited_in_hindi

_WORDS = words_of_paper("loi")


def check_written_here(lease: Lease) -> None:
    """Raises NotFound for a settlement older than the rule book: its papers were written by the terms of their day."""
    if lease.own_terms:
        raise NotFound(f"papers of {lease.number}; they are those of the office, by the law of their day (TKO-02)")


def loi_of(lease: Lease) -> bytes:
    """The letter of intent as a PDF in both languages (E-079). Raises NotFound before it is issued."""
    check_written_here(lease)
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
        ghat=ghat_named(block),
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
        signatory=_WORDS["signatory"],
        copies=(_WORDS["copy_director"],),
    )
    return loi_pdf(facts)


def ghat_named(block: Block) -> Bilingual:
    """A ghat as papers name it: with its block where the name does not say that itself."""
    names = {"hi": block.name_hi, "en": block.name_en}
    if not block.block_no or re.search(rf"(?<!\w){re.escape(block.block_no)}(?!\w)", block.name_en):
        return Bilingual(**names)
    return filled("loi", "ghat", ghat=names, block=block.block_no)


def _cites(code: str, lease: Lease) -> Bilingual:
    cites = book().at(code, lease.auction_closed_at, district=lease.district).cites
    return Bilingual(cited_in_hindi(cites), cites)


def _days(code: str, lease: Lease) -> int:
    return int(book().value(code, lease.auction_closed_at, district=lease.district))


def _deadlines(lease: Lease, loi_on: date) -> tuple[LoiDeadline, ...]:
    plan_due = rules.clearance_due_on("plan", loi_on, policy=book(), on=lease.auction_closed_at)
    ec, consents, months = _days("LSE-05", lease), _days("LSE-06", lease), _days("LSE-09", lease)
    return (
        LoiDeadline(_WORDS["plan"], _cites("LSE-04", lease), due_on=plan_due),
        LoiDeadline(_WORDS["ec"], _cites("LSE-05", lease), due=filled("loi", "ec_due", days=ec)),
        LoiDeadline(_WORDS["consents"], _cites("LSE-06", lease), due=filled("loi", "consents_due", days=consents)),
        LoiDeadline(_WORDS["instalment"], _cites("LSE-08", lease), due=_WORDS["instalment_due"]),
        LoiDeadline(
            _WORDS["registration"], _cites("LSE-09", lease), due=filled("loi", "registration_due", months=months)
        ),
    )


def _clauses() -> tuple[Bilingual, ...]:
    return tuple(_WORDS[f"clause_{which}"] for which in ("no_interest", "permission", "quantity"))
