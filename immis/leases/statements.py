"""The statement of account of a settlement as a paper: what fell due, what was verified, what is held (A-11)."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from immis.core.papers.documents import (
    DEPARTMENT,
    GOVERNMENT,
    Bilingual,
    compile_typst,
    date_text,
    instant_text,
    words_of_paper,
)
from immis.leases.life import deposits_of
from immis.leases.models import Lease
from immis.leases.selectors import statement_of
from immis.ledger.selectors import Entry, credit_on
from immis.registry.selectors import office_for
from immis.rules.writing.numbers import format_rupees

TEMPLATE = Path(__file__).parent / "templates" / "statement.typ"
_WORDS = words_of_paper("statement")


@dataclass(frozen=True)
class StatementPrint:
    """All that a statement shows; sums in paise."""

    number: str
    at: datetime
    party: Bilingual
    ghat: Bilingual
    office: Bilingual
    entries: list[Entry]
    security_paise: int
    credit_paise: int


def _sum(amount_paise: int) -> str:
    return format_rupees(paise=amount_paise) if amount_paise else ""


def _line(entry: Entry) -> dict[str, Any]:
    kind = _WORDS["receipt"] if entry.receipt else _WORDS["demand"]
    kind = kind if entry.demand else _WORDS["returned"]
    return {
        "on": date_text(entry.on),
        "label": Bilingual(entry.label["hi"], entry.label["en"]),
        "note": Bilingual(*(f"{word} {entry.receipt or entry.demand}" for word in (kind.hi, kind.en))),
        "debit": _sum(entry.debit_paise),
        "credit": _sum(entry.credit_paise),
        "balance": format_rupees(paise=entry.balance_paise),
    }


def statement_print(facts: StatementPrint) -> bytes:
    """The A4 PDF of a statement in both languages. Raises DocumentError when the fonts are missing."""
    debit, credit = (sum(getattr(row, name) for row in facts.entries) for name in ("debit_paise", "credit_paise"))
    data = {
        "number": facts.number,
        "at": instant_text(facts.at),
        "government": GOVERNMENT,
        "department": DEPARTMENT,
        "office": facts.office,
        "party": facts.party,
        "ghat": facts.ghat,
        "lines": [_line(entry) for entry in facts.entries],
        "debit": format_rupees(paise=debit),
        "credit": format_rupees(paise=credit),
        "balance": format_rupees(paise=debit - credit),
        "security": format_rupees(paise=facts.security_paise),
        "on_account": format_rupees(paise=facts.credit_paise),
    }
    return compile_typst(TEMPLATE, data, created_at=facts.at)


def statement_pdf(lease: Lease, *, at: datetime) -> bytes:
    """The statement of a settlement as of an instant. The caller has checked that the reader may see it."""
    office = office_for(district=lease.district, role="district")
    name = Bilingual(office.name_hi, office.name_en) if office else Bilingual(lease.district, lease.district)
    facts = StatementPrint(
        number=lease.number,
        at=at,
        party=Bilingual(lease.party.name_hi, lease.party.name_en),
        ghat=Bilingual(lease.block.name_hi, lease.block.name_en),
        office=name,
        entries=statement_of(lease, at=at),
        security_paise=deposits_of(lease)["security"],
        credit_paise=credit_on(("lease", lease.number)),
    )
    return statement_print(facts)
