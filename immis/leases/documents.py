"""Papers of a lease: the letter of intent (clause 20(i))."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from immis.core.papers.documents import (
    DEPARTMENT,
    GOVERNMENT,
    Bilingual,
    compile_typst,
    date_text,
    filled,
    words_of_paper,
)
from immis.rules.writing.numbers import format_rupees, paise_in_words

TEMPLATE = Path(__file__).parent / "templates" / "loi.typ"


@dataclass(frozen=True)
class LoiDeadline:
    """A step that the settlee owes, until a day or (``due`` in words) until a term after an event, with its clause."""

    step: Bilingual
    cites: Bilingual | str
    due_on: date | None = None
    due: Bilingual | None = None


@dataclass(frozen=True)
class LoiPrint:
    """All that a letter of intent shows; the bid in whole rupees, security and first year's amount in paise."""

    number: str
    dated_on: date
    party: str
    address: str
    ghat: Bilingual
    district: Bilingual
    office: Bilingual
    auction: str
    auctioned_on: date
    area_ha: Decimal
    bid_rupees: int
    security_paise: int
    first_year_paise: int
    deadlines: tuple[LoiDeadline, ...]
    clauses: tuple[Bilingual, ...]
    signatory: Bilingual
    copies: tuple[Bilingual, ...] = ()
    government: Bilingual = GOVERNMENT
    department: Bilingual = DEPARTMENT


def _in_words(amount_paise: int) -> Bilingual:
    english = paise_in_words(amount_paise, "en")
    words = {"hi": paise_in_words(amount_paise, "hi"), "en": f"{english[0].upper()}{english[1:]}"}
    return filled("loi", "in_words", words=words)


def _sum(name: str, amount_paise: int) -> dict[str, Any]:
    whole, part = divmod(amount_paise, 100)
    return {
        "name": words_of_paper("loi")[name],
        "figure": format_rupees(paise=amount_paise) if part else format_rupees(whole),
        "words": _in_words(amount_paise),
    }


def _sums(facts: LoiPrint) -> list[dict[str, Any]]:
    return [
        _sum("bid", facts.bid_rupees * 100),
        _sum("security", facts.security_paise),
        _sum("first_year", facts.first_year_paise),
    ]


def _subject(facts: LoiPrint) -> Bilingual:
    district, ghat = asdict(facts.district), asdict(facts.ghat)
    return filled("loi", "subject", district=district, ghat=ghat, area_ha=facts.area_ha)


def _opening(facts: LoiPrint) -> Bilingual:
    return filled("loi", "opening", auction=facts.auction, held_on=date_text(facts.auctioned_on))


def _deadline(row: LoiDeadline) -> dict[str, Any]:
    if (row.due_on is None) == (row.due is None):
        raise ValueError(f"the step {row.step.en!r} needs either a day or a term in words")
    shown = row.due or filled("loi", "by", day=date_text(row.due_on))  # type: ignore[arg-type]
    cites = row.cites if isinstance(row.cites, Bilingual) else Bilingual(row.cites, "")
    return {"step": row.step, "due": shown, "cites": cites}


def loi_pdf(facts: LoiPrint) -> bytes:
    """The A4 PDF of a letter of intent in both languages with an empty signature field ``Collector`` (E-079).

    Raises ValueError for a deadline without a day or a term and DocumentError when the fonts are missing.
    """
    data = {
        "number": facts.number,
        "dated_on": date_text(facts.dated_on),
        "party": facts.party,
        "address": facts.address,
        "government": facts.government,
        "department": facts.department,
        "office": facts.office,
        "subject": _subject(facts),
        "opening": _opening(facts),
        "sums": _sums(facts),
        "deadlines": [_deadline(row) for row in facts.deadlines],
        "clauses": list(facts.clauses),
        "signatory": facts.signatory,
        "copies": list(facts.copies),
    }
    from immis.core.signing.signatures import (
        with_signature_fields,
    )  # 25 MB that a process keeps: only where one is written

    return with_signature_fields(
        compile_typst(TEMPLATE, data, created_at=datetime.combine(facts.dated_on, time.min, UTC))
    )
