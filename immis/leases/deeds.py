"""The deed of a settlement and the work order as papers (clauses 19(viii), 22 and 23; E-076, E-095)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from immis.core.errors import NotFound
from immis.core.papers.documents import (
    DEPARTMENT,
    GOVERNMENT,
    Bilingual,
    compile_typst,
    date_text,
    filled,
    instant_text,
    words_of_paper,
)
from immis.leases.accepted import accepted_clauses
from immis.leases.letters import check_written_here, ghat_named
from immis.leases.models import Lease
from immis.leases.selectors import clearances_of, first_instalment, permitted_quantity, plan_of, settled_on
from immis.registry.selectors import office_for
from immis.rules.calendar import india_day
from immis.rules.districts import district_name
from immis.rules.leases.path import CLEARANCES
from immis.rules.leases.schedule import Instalment
from immis.rules.policy import book
from immis.rules.writing.numbers import format_rupees, group_indian

_TEMPLATES = Path(__file__).parent / "templates"
_DEED, _ORDER = words_of_paper("deed"), words_of_paper("work_order")
_OPEN = _DEED["open_day"].hi  # a day that is not known yet


def deed_of(lease: Lease) -> bytes:
    """The deed as a PDF in both languages, a draft until it is executed (E-095). Raises NotFound before the LoI."""
    check_written_here(lease)
    if lease.loi_on is None:
        raise NotFound(f"no letter of intent for {lease.number}")
    plan = plan_of(lease, deed_on=lease.deed_on)
    data = {
        **_head(lease),
        "number": lease.number,
        "draft": None if lease.deed_on else _DEED["draft"],
        "opening": [_parties(lease), _recital(lease), _grant(lease, len(plan))],
        "ghat_part": _DEED["ghat_part"],
        "ghat": _ghat(lease),
        "corner_head": [_DEED[name] for name in ("corner", "latitude", "longitude")],
        "corners": _corners(lease),
        "money_part": _DEED["money_part"],
        "money_head": [_DEED["year"], _DEED["amount"], *(filled("deed", "instalment", n=n) for n in (1, 2, 3))],
        "years": [_year(year) for year in plan],
        "security": {"name": _DEED["security"], "amount": format_rupees(paise=lease.security_paise)},
        "clearance_part": _DEED["clearance_part"],
        "clearance_head": [_DEED[name] for name in ("clearance", "reference", "granted_on", "quantity")],
        "clearances": _clearances(lease),
        "conditions_title": _DEED["conditions"],
        "conditions": _conditions("deed", "LSE-73", lease, _figures(lease, len(plan))),
        "accepted_title": _DEED["accepted_part"],
        "accepted": _accepted(lease),
        **{name: _DEED[name] for name in ("form", "first_party", "second_party", "witness")},
    }
    return _signable("deed.typ", data, lease.deed_on or lease.loi_on)


def work_order_of(lease: Lease) -> bytes:
    """The work order as a PDF in both languages (E-076). Raises NotFound before mining is permitted."""
    check_written_here(lease)
    if lease.permitted_at is None:
        raise NotFound(f"no permission for {lease.number}")
    on, party = india_day(lease.permitted_at), lease.party
    span = {"begins": _day(lease.period_from), "ends": _day(lease.period_to)}
    data = {
        **_head(lease),
        "number": lease.permission_number,
        "dated_on": date_text(on),
        "party": f"{party.name_hi} ({party.name_en})",
        "address": party.address,
        "subject": filled("work_order", "subject", ghat=_named(lease), district=_district(lease)),
        "opening": filled("work_order", "opening", day=date_text(on)),
        "figures": [
            {"name": _ORDER["quantity"], "value": _cubic(permitted_quantity(lease))},
            {"name": _ORDER["period"], "value": filled("work_order", "span", **span)},
        ],
        "gates_title": _ORDER["gates"],
        "gate_head": [_ORDER[name] for name in ("gate", "reference", "day")],
        "gates": _gates(lease),
        "conditions_title": _ORDER["conditions"],
        "conditions": _conditions("work_order", "LSE-74", lease, {}),
        "signatory": words_of_paper("loi")["signatory"],
        "copies": [words_of_paper("loi")["copy_director"], _ORDER["copy_police"]],
    }
    return _signable("work_order.typ", data, on)


def _head(lease: Lease) -> dict[str, Any]:
    office = office_for(district=lease.district, role="district")
    name = Bilingual(office.name_hi, office.name_en) if office else Bilingual(lease.district, lease.district)
    return {"government": GOVERNMENT, "department": DEPARTMENT, "office": name}


def _signable(template: str, data: Mapping[str, Any], on: date) -> bytes:
    from immis.core.signing.signatures import with_signature_fields  # 25 MB: only where one is written

    return with_signature_fields(
        compile_typst(_TEMPLATES / template, data, created_at=datetime.combine(on, time.min, UTC))
    )


def _day(on: date | None) -> str:
    return date_text(on) if on else _OPEN


def _named(lease: Lease) -> dict[str, str]:
    words = ghat_named(lease.block)
    return {"hi": words.hi, "en": words.en}


def _district(lease: Lease) -> dict[str, str]:
    return {"hi": district_name(lease.district, "hi"), "en": lease.district}


def _cubic(quantity_m3: int | None) -> Bilingual:
    return filled("deed", "cubic", n=group_indian(quantity_m3)) if quantity_m3 else Bilingual("—", "—")


# -- the deed


def _parties(lease: Lease) -> Bilingual:
    party, name = lease.party, {"hi": lease.party.name_hi, "en": lease.party.name_en}
    who = {"party": name, "address": party.address or _OPEN, "pan": party.pan}
    return filled("deed", "parties", day=_day(lease.deed_on), district=_district(lease), **who)


def _recital(lease: Lease) -> Bilingual:
    facts = {
        "auction": lease.lot_code,
        "held_on": date_text(india_day(lease.auction_closed_at)),
        "bid": format_rupees(lease.bid_rupees),
        "loi": lease.loi_number,
        "loi_on": _day(lease.loi_on),
    }
    return filled("deed", "recital", ghat=_named(lease), **facts)


def _grant(lease: Lease, years: int) -> Bilingual:
    return filled("deed", "grant", years=years, period_from=_day(lease.period_from), period_to=_day(lease.period_to))


def _ghat(lease: Lease) -> list[dict[str, Bilingual]]:
    block = lease.block
    return [
        {"name": _DEED["ghat"], "value": Bilingual(**_named(lease))},
        {"name": _DEED["river"], "value": Bilingual(block.river or "—", block.river or "—")},
        {"name": _DEED["area"], "value": filled("deed", "hectare", n=block.area_ha.normalize())},
        {"name": _DEED["quantity"], "value": _cubic(permitted_quantity(lease))},
    ]


def _corners(lease: Lease) -> list[list[str]]:
    letters = [chr(ord("A") + place) if place < 26 else str(place + 1) for place in range(len(lease.block.corners))]
    return [
        [letter, f"{lat:.6f}°", f"{lon:.6f}°"]
        for letter, (lat, lon) in zip(letters, lease.block.corners, strict=True)
    ]  # fmt: skip


def _year(year: Any) -> dict[str, Any]:
    rows = [{"amount": format_rupees(paise=row.amount_paise), "due": _due(row)} for row in year.instalments]
    return {"number": str(year.number), "amount": format_rupees(paise=year.amount_paise), "instalments": rows}


def _due(row: Instalment) -> Bilingual:
    if row.due_on:
        return Bilingual(date_text(row.due_on), "")
    return _DEED["before_deed"] if (row.year, row.number) == (1, 1) else _DEED["open_day"]


def _clearances(lease: Lease) -> list[dict[str, Any]]:
    return [
        {
            "name": Bilingual(**CLEARANCES[kind]),
            "reference": row.reference or "—",
            "on": _day(row.granted_on),
            "quantity": _cubic(row.quantity_m3),
        }
        for kind, row in clearances_of(lease).items()
        if kind in CLEARANCES
    ]


def _figures(lease: Lease, years: int) -> dict[str, Any]:
    """The figures that stand in the conditions, by the terms of this settlement."""
    on, district = lease.auction_closed_at, lease.district
    percent, months = (book().value(code, on, district=district) for code in ("STL-01", "LSE-09"))
    return {"years": years, "percent": percent, "months": months}


def _accepted(lease: Lease) -> list[dict[str, Bilingual]]:
    rows = []
    for row in accepted_clauses(lease):
        ticked = filled("deed", "ticked", clause=row.clause, at=instant_text(row.ticked_at))
        rows.append({"words": Bilingual(row.text["hi"], row.text["en"]), "cites": ticked})
    return rows


# -- the work order


def _gates(lease: Lease) -> list[dict[str, Any]]:
    granted = [(row["name"], row["reference"], row["on"]) for row in _clearances(lease)]
    paid = first_instalment(lease)
    rows = [
        (_ORDER["papers"], "", _day(lease.documents_received_on)),
        *granted,
        (_ORDER["instalment"], paid.number if paid else "", _day(settled_on(paid))),
        (_ORDER["deed"], lease.number, _day(lease.deed_on)),
        (_ORDER["registered"], lease.registration_number, _day(lease.registered_on)),
        (_ORDER["gst"], lease.party.gstin, _day(lease.gst_registered_on)),
        (_ORDER["pillars"], "", _day(lease.demarcated_on)),
    ]
    return [{"name": name, "reference": reference or "—", "on": on} for name, reference, on in rows]


def _conditions(paper: str, code: str, lease: Lease, figures: Mapping[str, Any]) -> list[dict[str, Bilingual]]:
    """The numbered conditions of a paper, each with its clause, as the law stood when the auction closed."""
    return [
        {
            "words": filled(paper, f"condition_{row['key']}", **figures),
            "cites": Bilingual(row["cites"]["hi"], row["cites"]["en"]),
        }
        for row in book().at(code, lease.auction_closed_at, district=lease.district).value
    ]
