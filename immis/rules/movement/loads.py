"""When and to whom a load may go: time for the way there and back, quantity of the month and day, buyer, weight."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from immis.rules.calendar import add_months, end_of, india_day, start_of
from immis.rules.catalogue import Finding, rule
from immis.rules.movement.challans import ON
from immis.rules.movement.issue_facts import IssueFacts, LastLoad
from immis.rules.policy import PolicyBook


@rule("CH-34", on=ON)
def no_buyer(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(ka), 39, 42(xxv): sand is sold to consumers, storage licensees and the corporation.

    Our reading: the kind of buyer is said, a licensee shows his licence. Who may settle a doubt: Director of Mines.
    """
    terms = policy.value("CH-34", at, district=facts.district)
    if facts.buyer_kind not in terms["kinds"]:
        why = "kind"
    elif facts.buyer_kind in terms["named"] and not facts.buyer_name.strip():
        why = "name"
    elif facts.buyer_kind in terms["licensed"] and not facts.buyer_licence.strip():
        why = "licence"
    else:
        return None
    words = policy.words("CH-34", why, kind=facts.buyer_kind)
    return Finding("CH-34", {"why": why, "why_en": words["en"], "why_hi": words["hi"]})


@rule("CH-35", on=ON)
def back_too_soon(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(xxviii): one e-challan is one load that was driven.

    Our reading: between two loads lies the way there and back at the highest plausible speed, unloading and loading.
    Who may settle a doubt: Director of Mines.
    """
    terms = policy.value("CH-35", at, district=facts.district)
    last = facts.last_load
    if last is None:
        return None
    needs = turnaround(last, kind=facts.kind, terms=terms)
    fit_from = last.issued_at + needs
    if at >= fit_from:
        return None
    return Finding(
        "CH-35",
        {
            "vehicle": facts.vehicle,
            "challan": last.challan,
            "last_at": last.issued_at,
            "distance_km": last.distance_km,
            "minutes": round(needs.total_seconds() / 60),
            "fit_from": fit_from,
        },
    )


def turnaround(last: LastLoad, *, kind: str, terms: Any) -> timedelta:
    """The least time between two loads of a vehicle: there and back, unloading and loading."""
    speed = Decimal(str(terms["tractor_kmh" if kind == "tractor" else "truck_kmh"]))
    way = float(2 * last.distance_km / speed)
    return timedelta(hours=way, minutes=terms["loading_min"] + terms["unloading_min"])


@rule("CH-36", on=ON)
def beyond_span(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 21 iv: the least of mining plan, clearance and consents, of the month and the day as well.

    Our reading: where one of them names it; by India's calendar. Who may settle a doubt: Collector.
    """
    policy.at("CH-36", at, district=facts.district)
    today = india_day(at)
    spans = (
        ("day", facts.day_m3, facts.issued_day_m3, end_of(today)),
        ("month", facts.month_m3, facts.issued_month_m3, start_of(add_months(today.replace(day=1), 1))),
    )
    for span, permitted_m3, issued_m3, fit_from in spans:
        if permitted_m3 is not None and issued_m3 + facts.quantity_m3 > permitted_m3:
            words = policy.words("CH-36", span)
            left_m3 = max(permitted_m3 - issued_m3, Decimal(0))
            payload = {"permitted_m3": permitted_m3, "left_m3": left_m3, "quantity_m3": facts.quantity_m3}
            named = {"span": span, "span_en": words["en"], "span_hi": words["hi"], "fit_from": fit_from}
            return Finding("CH-36", {**payload, **named})
    return None


@rule("CH-38", on=ON)
def entries_behind(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(ka), 42(xxvii): daily details of mining and stock, four photos of the site a week.

    Our reading: yesterday is entered, and the photos of the last seven days are there. Who may settle a doubt: Director
    of Mines.
    """
    terms = policy.value("CH-38", at, district=facts.district)
    due_on = india_day(at) - timedelta(days=int(terms["days_behind"]))
    entered = facts.daily_entry_on is not None and facts.daily_entry_on >= due_on
    if entered and facts.photos_week >= int(terms["photos_a_week"]):
        return None
    payload = {"block": facts.block, "due_on": due_on, "photos": facts.photos_week, "needed": terms["photos_a_week"]}
    return Finding("CH-38", payload)


@rule("CH-39", on=ON)
def not_weighed(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxix): a weighbridge at the ghat, with its data on the portal.

    Our reading: each load is weighed where a dated order says so: by the weighbridge's software, or by hand while an
    order of the district allows it. Who may settle a doubt: Director of Mines.
    """
    policy.at("CH-39", at, district=facts.district)
    if not facts.weight_order or (facts.net_kg and facts.weight_how in ("bridge", "hand")):
        return None
    return Finding("CH-39", {"vehicle": facts.vehicle, "order": facts.weight_order})


@rule("WB-22", on=ON)
def written_by_hand(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxix): the weighbridge's data on the portal in real time.

    Our reading: where a weighbridge of the ghat may weigh, nobody writes a weight by hand without an order. Who may
    settle a doubt: Director of Mines.
    """
    policy.at("WB-22", at, district=facts.district)
    if facts.weight_how != "typed" or not facts.weighbridge:
        return None
    return Finding("WB-22", {"vehicle": facts.vehicle, "bridge": facts.weighbridge})


@rule("CH-41", on=ON)
def weight_contradicts(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxix): what the weighbridge found and what the e-challan says are one load.

    Our reading: together they give a density that sand can have. Who may settle a doubt: Director of Mines.
    """
    band = policy.value("CH-41", at, district=facts.district)
    if facts.net_kg is None or facts.quantity_m3 <= 0:
        return None
    density = (Decimal(facts.net_kg) / 1000 / facts.quantity_m3).quantize(Decimal("0.01"))
    least, most = (Decimal(str(band[name])) for name in ("least", "most"))
    if least <= density <= most:
        return None
    payload = {"net_kg": facts.net_kg, "quantity_m3": facts.quantity_m3, "density_t_m3": density}
    return Finding("CH-41", {**payload, "least": least, "most": most})
