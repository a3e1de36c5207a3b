"""Who may carry and drive a load: class and body of the vehicle, its weight, its papers, the driver's licence."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, rule
from immis.rules.movement.challans import ON
from immis.rules.movement.issue_facts import IssueFacts
from immis.rules.policy import PolicyBook
from immis.rules.registry.loads import Build, MostLoad, bears_no_mineral, most_load
from immis.rules.registry.vehicles import class_mark
from immis.rules.writing.texts import texts


@rule("CH-30", on=ON)
def class_carries_none(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(xxi): no unauthorised vehicle carries mineral.

    Our reading: the class of VAHAN is on record and one of those that carry this mineral, the body as well; of a
    tractor its trolley too. Who may settle a doubt: Director of Mines with the Transport Department.
    """
    allowed = {class_mark(name) for name in policy.value("CH-30", at, district=facts.district).get(facts.mineral, ())}
    if not facts.registered:
        return None
    if not facts.vehicle_class:
        why, named = "unknown", ""
    elif class_mark(facts.vehicle_class) not in allowed:
        why, named = "class", facts.vehicle_class
    elif facts.trolley_class and class_mark(facts.trolley_class) not in allowed:
        why, named = "trolley", facts.trolley_class
    elif facts.body and bears_no_mineral(facts.body, policy=policy, at=at):
        why, named = "body", facts.vehicle_class
    else:
        return None
    words, mineral = policy.words("CH-30", why, vehicle_class=named, body=facts.body), texts("challans/minerals")
    of = {f"mineral_{lang}": mineral[facts.mineral][lang] for lang in ("en", "hi")}
    return Finding("CH-30", {"vehicle": facts.vehicle, "why": why, **_both(words), **of})


@rule("CH-31", on=ON)
def too_heavy(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 34(kha); S.O. 3467(E): a vehicle is not given more than its weight allows.

    Our reading: the load is reckoned by the density of wet sand, or counts as it was weighed. Who may settle a doubt:
    Director of Mines.
    """
    more = Decimal(str(policy.value("CH-31", at, district=facts.district)))
    if not facts.registered:
        return None
    most = most_load_of(facts, policy=policy, at=at)
    load_kg = facts.net_kg or int((facts.quantity_m3 * most.density_t_m3 * 1000).quantize(Decimal(1), ROUND_HALF_UP))
    if load_kg <= most.payload_kg * (1 + more / 100):
        return None
    return Finding(
        "CH-31",
        {
            "vehicle": facts.vehicle,
            "quantity_m3": facts.quantity_m3,
            "load_kg": load_kg,
            "payload_kg": most.payload_kg,
            "most_m3": most.most_m3,
        },
    )


def most_load_of(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> MostLoad:
    """What the vehicle of a load may carry, by REG-35."""
    build = Build(facts.kind, facts.wheels, facts.axles, *facts.bears_kg)
    return most_load(build, policy=policy, at=at)


@rule("CH-32", on=ON)
def papers_not_in_force(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(xxi): no unauthorised vehicle carries mineral.

    Our reading: each paper is in force on the day of issue; what is not on record is not in force. Who may settle a
    doubt: Director of Mines with the Transport Department.
    """
    needed = policy.value("CH-32", at, district=facts.district)
    if not facts.registered:
        return None
    wrong = [name for name in needed if _not_in_force(facts.papers.get(name), india_day(at))]
    if not wrong:
        return None
    words = [_paper_words(name, facts.papers.get(name), policy) for name in wrong]
    why = {f"why_{lang}": "; ".join(row[lang] for row in words) for lang in ("en", "hi")}
    return Finding("CH-32", {"vehicle": facts.vehicle, "papers": wrong, **why})


@rule("CH-37", on=ON)
def record_unseen(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(xxi): no unauthorised vehicle carries mineral.

    Our reading: what a party types of its vehicle counts when VAHAN or an officer has seen it. Who may settle a doubt:
    Director of Mines.
    """
    policy.at("CH-37", at, district=facts.district)
    return None if facts.checked or not facts.registered else Finding("CH-37", {"vehicle": facts.vehicle})


def _not_in_force(until: date | None, today: date) -> bool:
    return until is None or until < today


def _paper_words(name: str, until: date | None, policy: PolicyBook) -> dict[str, str]:
    called = policy.words("CH-32", name)
    return policy.words("CH-32", "ended" if until else "missing", until=until, paper=called)


@rule("CH-75", on=ON)
def held_at_a_check(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 34(kha): no unauthorised vehicle carries mineral.

    Our reading: a vehicle that an officer held at a check loads nothing until an officer lets it go, for so many days;
    by then a case has orders of its own. Who may settle a doubt: Director of Mines.
    """
    most = timedelta(days=int(policy.value("CH-75", at, district=facts.district)))
    if facts.held_at is None or at - facts.held_at > most:
        return None
    where = facts.held_post or policy.words("CH-75", "roadside")
    return Finding(
        "CH-75",
        {"vehicle": facts.vehicle, "held_at": facts.held_at, "post_en": where["en"], "post_hi": where["hi"]},
    )


@rule("CH-33", on=ON)
def licence_not_in_force(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(ii): the e-challan goes to a driver who may drive the vehicle.

    Our reading: a licence in force for transport vehicles, of a class for the weight of the vehicle. Who may settle a
    doubt: Director of Mines with the Transport Department.
    """
    terms = policy.value("CH-33", at, district=facts.district)
    gross_kg = facts.bears_kg[1] or 0
    why = _licence_defect(facts, terms, gross_kg, india_day(at))
    if why is None:
        return None
    driver = facts.driver
    known = {"until": driver.transport_until, "classes": driver.classes} if driver else {}
    words = policy.words("CH-33", why, gross_kg=gross_kg, **known)
    return Finding("CH-33", {"driver": facts.driver_name, "why": why, **_both(words)})


def _licence_defect(facts: IssueFacts, terms: Any, gross_kg: int, today: date) -> str | None:
    driver = facts.driver
    if driver is None:
        return "unknown" if terms["registered"] and facts.driver_name else None
    if not driver.active:
        return "inactive"
    if driver.transport_until is None:
        return "no_end"
    if driver.transport_until < today:
        return "ended"
    has = {class_mark(word) for word in driver.classes.replace(",", " ").split()}
    if gross_kg > int(terms["heavy_from_kg"]) and has and not has & {class_mark(name) for name in terms["heavy"]}:
        return "class"
    return None


def _both(words: dict[str, str]) -> dict[str, str]:
    return {"why_en": words["en"], "why_hi": words["hi"]}
