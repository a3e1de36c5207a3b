"""Raising and cancelling demands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.facts import plain
from immis.core.services import Subject, emit, log_action, next_number
from immis.ledger.events import DemandRaised
from immis.ledger.models import Demand
from immis.ledger.selectors import demand_facts, demand_state
from immis.ledger.services.rights import require_keeper, require_keeper_or_own
from immis.registry.selectors import Party, blocks
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding
from immis.rules.ledger.receipts import STATE_WORDS


@dataclass(frozen=True, kw_only=True)
class NewDemand:
    """Money that a party owes for a subject: how much, for what in words, until when and by which clauses.

    ``cites`` are {code, from_on, cites}; without ``district`` the district of the lot's or lease's block is taken;
    the same ``key`` is never demanded twice.
    """

    party: Party
    subject: Subject
    kind: str
    label: Mapping[str, str]
    amount_paise: int
    due_on: date | None = None
    cites: Sequence[Mapping[str, Any]] = ()
    district: str = ""
    key: str | None = None


@transaction.atomic
def raise_demand(*, demand: NewDemand, by: Actor, at: datetime) -> Demand:
    """Demand money of a party for a subject; the same key a second time answers the first demand.

    Raises NotPermitted for another district, and for a party that demands of another one.
    """
    district = demand.district or _district_of(demand.subject)
    require_keeper_or_own(by, demand.party, district)
    if demand.key and (known := Demand.objects.filter(key=demand.key).first()):
        return known
    row = Demand.objects.create(
        number=f"D{_serial('demand', at)}",
        party=demand.party,
        subject_kind=demand.subject[0],
        subject_id=demand.subject[1],
        district=district,
        kind=demand.kind,
        label=dict(demand.label),
        amount_paise=demand.amount_paise,
        due_on=demand.due_on,
        cites=[plain(cite) for cite in demand.cites],
        key=demand.key,
        raised_at=at,
        raised_by=by.user_id,
    )
    facts = demand_facts(row)
    log_action(DemandRaised.KIND, subject=demand.subject, by=by, at=at, facts=facts)
    emit(DemandRaised.of(facts), subject=demand.subject, at=at)
    return row


@transaction.atomic
def set_due_day(*, demand: Demand, due_on: date, by: Actor, at: datetime) -> Demand:
    """Give a demand that was payable at once its day, when the deed names it; a day once given stays."""
    require_keeper(by, demand.district)
    demand = Demand.objects.select_for_update().get(pk=demand.pk)
    if demand.due_on is None:
        demand.due_on = due_on
        demand.save(update_fields=["due_on"])
        facts = {"demand": demand.number, "due_on": due_on}
        log_action("demand.dated", subject=(demand.subject_kind, demand.subject_id), by=by, at=at, facts=facts)
    return demand


def _serial(series: str, at: datetime) -> str:
    """The next number of a yearly series as ``26-000001``; safe in addresses."""
    year = india_day(at).year
    return f"{year % 100:02d}-{next_number(f'{series}-{year}'):06d}"


def _district_of(subject: Subject) -> str:
    """Lots and leases carry the code of their block; other subjects name their district themselves."""
    block = blocks(code=subject[1]).first()
    return block.district if block else ""


@transaction.atomic
def withdraw_balance(*, demand: Demand, reason: str, by: Actor, at: datetime) -> Demand:
    """Withdraw what is still open of a demand; what was paid on it stays paid. Raises Refusal (PAY-04) for others."""
    require_keeper(by, demand.district)
    demand = Demand.objects.select_for_update().get(pk=demand.pk)
    if (state := demand_state(demand)) != "open":
        raise Refusal(Finding("PAY-04", {"demand": demand.number, "state": STATE_WORDS[state]}))
    demand.cancelled_at, demand.cancel_reason = at, reason[:300]
    demand.save(update_fields=["cancelled_at", "cancel_reason"])
    facts = {"demand": demand.number, "reason": reason, "paid_paise": demand.applied_paise}
    log_action("demand.cancelled", subject=(demand.subject_kind, demand.subject_id), by=by, at=at, facts=facts)
    return demand


@transaction.atomic
def cancel_demand(*, demand: Demand, reason: str, by: Actor, at: datetime) -> Demand:
    """Withdraw a demand that nothing was paid on. Raises Refusal (PAY-04) for any other."""
    require_keeper(by, demand.district)
    demand = Demand.objects.select_for_update().get(pk=demand.pk)
    state = "part_paid" if demand.applied_paise and not demand.settled_at else demand_state(demand)
    if state != "open":
        raise Refusal(Finding("PAY-04", {"demand": demand.number, "state": STATE_WORDS[state]}))
    demand.cancelled_at, demand.cancel_reason = at, reason
    demand.save(update_fields=["cancelled_at", "cancel_reason"])
    facts = {"demand": demand.number, "reason": reason}
    log_action("demand.cancelled", subject=(demand.subject_kind, demand.subject_id), by=by, at=at, facts=facts)
    return demand
