"""What the papers of a case show, worded once when they are made (A-15): notice to show cause, order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.facts import plain
from immis.core.papers.documents import date_text, instant_text
from immis.enforcement.models import Case, CasePaper
from immis.rules.calendar import india_day
from immis.rules.enforcement.computation import Computation, Line
from immis.rules.movement.offences import offence
from immis.rules.policy import book
from immis.rules.writing.numbers import cited_in_hindi, format_rupees, group_indian, paise_in_words
from immis.rules.writing.texts import text, texts

Words = Mapping[str, str]
_LETTERS = {"notice": "N", "order": "O", "decision": "D"}


@dataclass(frozen=True)
class Draft:
    """A paper before it has its number: its kind, what it says in paragraphs, and what sums it prints."""

    kind: str
    paragraphs: Sequence[Words]
    sums: Sequence[Mapping[str, Any]] = ()
    total_paise: int = 0
    with_link: bool = False


def make_paper(case: Case, draft: Draft, *, by: Actor, at: datetime) -> CasePaper:
    """Give a paper its number and keep all that it shows, inside the transaction of what it tells."""
    count = CasePaper.objects.filter(case=case, kind=draft.kind).count() + 1
    return CasePaper.objects.create(
        case=case,
        number=f"{case.number}-{_LETTERS[draft.kind]}{count}",
        kind=draft.kind,
        facts=plain(_shown(case, draft, by=by, at=at)),
        made_at=at,
        made_by_name=by.name,
    )


def _shown(case: Case, draft: Draft, *, by: Actor, at: datetime) -> dict[str, Any]:
    words, party = texts("papers/case"), case.party
    return {
        "title": words[draft.kind],
        "dated": date_text(india_day(at)),
        "office": {"hi": case.office.name_hi, "en": case.office.name_en},
        "party": f"{party.name_hi} ({party.name_en})" if party else "—",
        "address": party.address if party else "",
        "subject": text("papers/case", f"{draft.kind}_subject", case=case.number, offence=offence(case.offence).words),
        "particulars": _particulars(case),
        "paragraphs": list(draft.paragraphs),
        "sums_title": words["sums"],
        "sums_head": [words[name] for name in ("sum_of", "reckoned", "clause", "amount")],
        "sums": list(draft.sums),
        "total": _total(draft.total_paise) if draft.sums else None,
        "link_words": words["link"] if draft.with_link else None,
        "sign_words": words["sign_here"],
        "signatory": dict(by.post.title),
    }


def _particulars(case: Case) -> list[dict[str, Any]]:
    words, law = texts("papers/case"), offence(case.offence)
    first = (case.evidence.get("signals") or [{}])[0]
    place = f"{first['lat']:.6f}, {first['lon']:.6f}" if None not in (first.get("lat"), first.get("lon")) else ""
    rows = [
        ("offence", f"{law.words['hi']} / {law.words['en']}"),
        ("law", f"{cited_in_hindi(law.clause)} / {law.clause}"),
        ("vehicle", case.vehicle.registration if case.vehicle else ""),
        ("seen", instant_text(case.occurred_at)),
        ("place", place),
        ("challan", case.challan_number),
        ("lease", case.lease_code),
        ("evidence", _evidence(case)),
    ]
    return [{"name": words[name], "value": value} for name, value in rows if value]


def _evidence(case: Case) -> str:
    """How many signals or finds, and which trigger found the first."""
    count = len(case.evidence.get("signals") or ())
    title = dict(book().entry(case.trigger_code).title) if case.trigger_code else texts("papers/case")["by_officer"]
    return f"{title['hi']} / {title['en']} ({count})"


def _total(paise: int) -> dict[str, Any]:
    in_words = {lang: paise_in_words(paise, lang) for lang in ("hi", "en")}
    in_words["en"] = f"{in_words['en'][0].upper()}{in_words['en'][1:]}"
    return {"name": texts("papers/case")["total"], "amount": rupees(paise), "words": in_words}


def rupees(paise: int) -> str:
    """An amount as papers write it, without idle paise."""
    return format_rupees(paise=paise) if paise % 100 else format_rupees(paise // 100)


def sums_of(computation: Computation, *, ordered_paise: int | None = None, reason: str = "") -> list[dict[str, Any]]:
    """The lines of a penalty as a paper prints them; what the officer orders otherwise is a line of its own."""
    rows = [_sum(line) for line in computation.lines]
    if ordered_paise is not None and ordered_paise != computation.total_paise:
        off = ordered_paise - computation.total_paise
        sign = "−" if off < 0 else ""
        name = texts("papers/case")["otherwise"]
        rows.append({"name": name, "reckoned": reason, "clause": "CAS-03", "amount": f"{sign}{rupees(abs(off))}"})
    return rows


def _sum(line: Line) -> dict[str, Any]:
    clause = f"{line.code}, {date_text(line.from_on)}: {line.cites}"
    name, reckoned = dict(book().entry(line.code).title), arithmetic(line)
    return {"name": name, "reckoned": reckoned, "clause": clause, "amount": rupees(line.amount_paise)}


def arithmetic(line: Line) -> str:
    """The multiplication behind a sum: ``25 × ₹ 75 × 2.464 m³``; empty where it is a figure of the table."""
    if not line.factors:
        return ""
    times, rate, quantity = line.factors
    return f"{times.normalize():f} × {format_rupees(int(rate))} × {group_indian(_plain(quantity))} m³"


def _plain(number: Decimal) -> Decimal:
    """A number without idle zeros, never as a power of ten."""
    return Decimal(f"{number:f}".rstrip("0").rstrip(".")) if "." in f"{number:f}" else number
