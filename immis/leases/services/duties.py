"""Duties beside the money: the check of a mining plan, a price fixed by order, pits that are refilled."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.leases.events.calendar import PriceFixed
from immis.leases.events.life import PitsRefilled, PlanCheckOrdered
from immis.leases.models import Lease, LeaseAct, PriceOrder
from immis.leases.selectors import clearances_of, lease_facts
from immis.leases.services.common import check, check_step, locked, tell
from immis.leases.services.orders import NewAct, note_act
from immis.ledger.selectors import Demand
from immis.ledger.services import NewDemand, raise_demand
from immis.registry.selectors import Block
from immis.rules.calendar import india_day
from immis.rules.catalogue import find
from immis.rules.leases import duties as rules
from immis.rules.leases.schedule import Cite
from immis.rules.policy import book
from immis.rules.writing.texts import text


@transaction.atomic
def order_plan_check(*, lease: Lease, agency: str, cost_paise: int, reference: str, by: Actor, at: datetime) -> Demand:
    """The Collector has a mining plan checked by another agency; its cost is demanded of the settlee (E-089).

    The same order a second time answers the first demand. Raises Refusal (LSE-50).
    """
    lease = locked(lease, "lease.order_plan_check", by=by)
    plan, today = clearances_of(lease).get("plan"), india_day(at)
    facts = rules.PlanCheckFacts(plan.applied_on if plan else None, today, agency, reference, cost_paise)
    check("lease.plan_check", facts, lease=lease, at=at)
    key = f"plan_check:{lease.number}:{reference.strip()}"
    if not LeaseAct.objects.filter(key=key).exists():
        body = {"agency": agency.strip(), "amount_paise": cost_paise}
        note_act(lease, NewAct("plan_check", on=today, reference=reference, facts=body, key=key), by=by, at=at)
        tell(PlanCheckOrdered, lease, by=by, at=at, facts={**body, "reference": reference})
    return raise_demand(
        demand=NewDemand(
            party=lease.party,
            subject=("lease", lease.number),
            kind="fee",
            label=text("leases/demands", "plan_check", agency=agency),
            amount_paise=cost_paise,
            due_on=rules.check_cost_due_on(today, policy=book(), on=at),
            cites=[asdict(Cite.of(book().at("LSE-50", at)))],
            district=lease.district,
            key=key,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def report_refill(*, lease: Lease, on: date, quantity_m3: Decimal, place: str, by: Actor, at: datetime) -> LeaseAct:
    """The settlee (or the district, on inspection) reports pits as refilled (clause 30 ka, E-109).

    Raises Refusal (LSE-10) for a day before the permission or to come, NotPermitted for anybody else.
    """
    require_grant(by, "lease.report_refill")
    lease = Lease.objects.select_for_update(of=("self",)).select_related("party", "block").get(pk=lease.pk)
    if by.party_id != lease.party_id and not by.sees_district(lease.district):
        raise NotPermitted(f"settlement {lease.number} is not this reader's")
    check_step(lease, "refill", on=on, at=at)
    body = {"quantity_m3": quantity_m3, "place": place}
    act = note_act(lease, NewAct("pits_refilled", on=on, facts=body), by=by, at=at)
    tell(PitsRefilled, lease, by=by, at=at, facts={**body, "on": on})
    return act


@dataclass(frozen=True, kw_only=True)
class NewPrice:
    """An order about the price of sand of a district, or of one ghat in it; without a price the market has it back.

    Amounts are paise a cubic metre.
    """

    district: str
    number: str
    from_on: date
    price_paise: int | None
    reason: str
    amount_paise: int = 0
    costs_paise: int = 0
    margin_paise: int = 0
    block: Block | None = None


@transaction.atomic
def fix_price(*, price: NewPrice, by: Actor, at: datetime) -> PriceOrder:
    """Fix the price of sand of a district or one ghat by order, or give it back to the market (clause 28, E-106).

    Every running settlement in its reach is told; the same number a second time
    answers the first order. Raises Refusal (LSE-51), NotPermitted for another district.
    """
    require_grant(by, "price.fix", district=price.district)
    if known := PriceOrder.objects.filter(number=price.number.strip()).first():
        return known
    facts = rules.PriceFacts(
        role=by.role,
        price_paise=price.price_paise,
        amount_paise=price.amount_paise,
        costs_paise=price.costs_paise,
        margin_paise=price.margin_paise,
        reason=price.reason,
        reference=price.number,
        from_on=price.from_on,
        today=india_day(at),
    )
    if findings := find("price.fix", facts, policy=book(), at=at):
        raise Refusal(findings)
    kept = {**vars(price), "number": price.number.strip()[:120], "reason": price.reason[:500]}
    order = PriceOrder.objects.create(**kept, by=by.user_id, role=by.role, at=at)
    _tell_price(order, by=by, at=at)
    return order


def _tell_price(order: PriceOrder, *, by: Actor, at: datetime) -> None:
    facts = {"reference": order.number, "from_on": order.from_on, "price_paise": order.price_paise}
    place = order.block.code if order.block else order.district
    log_action("price.fixed", subject=("price", place), by=by, at=at, facts={**facts, "reason": order.reason})
    running = Lease.objects.select_related("block", "party").filter(cancelled_at__isnull=True, deed_on__isnull=False)
    running = running.filter(block=order.block) if order.block else running.filter(district=order.district)
    for lease in running.filter(period_to__gte=order.from_on):
        key = f"price:{order.pk}:{lease.number}"
        emit(PriceFixed(**lease_facts(lease), **facts), subject=("lease", lease.number), at=at, key=key)
