"""Asking about the life of a settlement: acts, notices, clocks with their extensions, dues of an end."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Max, Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.leases.models import Lease, LeaseAct, LeaseNotice, PriceOrder
from immis.leases.selectors import clearances_of, demands_of, granted_on, leases, rises_of, royalty_key, security_demand
from immis.ledger.chart import EMD, SECURITY, SETTLEMENT
from immis.ledger.selectors import Demand, demand_state, held_paise
from immis.registry.fences import standing as standing_fences
from immis.registry.selectors import Block
from immis.rules.calendar import add_years, india_day
from immis.rules.holds.stops import LAW
from immis.rules.land.geometry import overlap_m2
from immis.rules.leases import life as rules
from immis.rules.leases import path as path_rules
from immis.rules.leases.duties import ProhibitedFacts
from immis.rules.policy import NotInForce, book

_DEPARTMENTS = ("plan", "ec")


def acts_of(lease: Lease, *kinds: str) -> list[LeaseAct]:
    """Orders and records in the life of a settlement, oldest first."""
    rows = LeaseAct.objects.filter(lease=lease)
    return list(rows.filter(kind__in=kinds) if kinds else rows)


def notices_of(lease: Lease, **filters: object) -> list[LeaseNotice]:
    """Notices to the settlee, oldest first. The caller has checked that the reader may see the settlement."""
    return list(LeaseNotice.objects.filter(lease=lease, **filters))


def notice_of(number: str, viewer: Actor) -> LeaseNotice:
    """One notice; NotFound unless the viewer may see its settlement."""
    row = LeaseNotice.objects.select_related("lease").filter(number=number, lease__in=leases(viewer)).first()
    if row is None:
        raise NotFound(f"notice {number}")
    return row


def extensions_of(lease: Lease) -> dict[str, date]:
    """The latest day to which each clock was extended by order."""
    latest: dict[str, date] = {}
    for act in acts_of(lease, "extension"):
        until = date.fromisoformat(act.facts["until_on"])
        latest[act.facts["clock"]] = max(until, latest.get(act.facts["clock"], until))
    return latest


def due_of(lease: Lease, clock: str, *, extensions: dict[str, date] | None = None) -> date | None:
    """The last day of a clock of the path, with its extensions; None while it does not run against the settlee."""
    due_on = _printed_due(lease, clock)
    if due_on is None:
        return None
    known = extensions_of(lease) if extensions is None else extensions
    return max(due_on, known.get(clock, due_on))


def _printed_due(lease: Lease, clock: str) -> date | None:
    if lease.own_terms:  # no clock of a later tender runs against an older deed
        return None
    policy, on = book(), lease.auction_closed_at
    closed_on = india_day(on)
    if clock == "security":
        return path_rules.security_due_on(closed_on, policy=policy, on=on)
    if clock == "documents":
        return path_rules.documents_due_on(closed_on, policy=policy, on=on)
    if clock == "assets":
        return path_rules.assets_due_on(lease.party.kind, closed_on, policy=policy, on=on)
    if clock == "registration":
        return path_rules.registration_due_on(lease.deed_on, policy=policy, on=on) if lease.deed_on else None
    before_on = lease.loi_on if clock == "plan" else granted_on(lease, {"ec": "plan", "cte_cto": "ec"}[clock])
    if before_on is None or (lease.clearances_by == "department" and clock in _DEPARTMENTS):
        return None
    return path_rules.clearance_due_on(clock, before_on, policy=policy, on=on)


def clock_done(lease: Lease, clock: str) -> bool:
    """Whether what a clock waits for has been done."""
    if clock == "security":
        demand = security_demand(lease)
        return demand is None or demand_state(demand) == "settled"
    if clock in path_rules.CLEARANCES:
        return clock in clearances_of(lease)
    fields = {"documents": "documents_received_on", "assets": "assets_received_on", "registration": "registered_on"}
    return getattr(lease, fields[clock]) is not None


def open_clocks(lease: Lease) -> dict[str, date]:
    """The clocks that run now, with their last day."""
    if lease.cancelled_at:
        return {}
    extensions = extensions_of(lease)
    running = {clock: due_of(lease, clock, extensions=extensions) for clock in rules.CLOCKS}
    return {clock: due_on for clock, due_on in running.items() if due_on and not clock_done(lease, clock)}


def valid_reason(lease: Lease, clock: str) -> str:
    """A reason for a missed clock that the Collector accepted; empty when there is none."""
    reasons = [act.reason for act in acts_of(lease, "valid_reason") if act.facts["clock"] == clock]
    return reasons[-1] if reasons else ""


def demarcated(lease: Lease) -> bool:
    """Whether pillars are certified for the ghat's record as it stands (E-148)."""
    return lease.demarcated_on is not None and lease.demarcated_version == lease.block.version


def open_demands_of(lease: Lease, *, kinds: Iterable[str] | None = None, until: date | None = None) -> list[Demand]:
    """Unsettled demands of a settlement, with ``until`` only those due by that day (or at once)."""
    filters = {"settled_at__isnull": True, "cancelled_at__isnull": True}
    rows = demands_of(lease, **filters, **({"kind__in": list(kinds)} if kinds else {}))
    return [row for row in rows if until is None or row.due_on is None or row.due_on <= until]


def surrender_dues(lease: Lease, at: datetime) -> list[Demand]:
    """The instalments that must be paid before a settlement is given up on this day (clause 31 i, E-111)."""
    day = india_day(at)
    until = rules.year_end(day, policy=book(), on=at, settlement_year_ends=_running_year_ends(lease, day))
    return open_demands_of(lease, kinds=["instalment"], until=until)


def _running_year_ends(lease: Lease, day: date) -> date | None:
    if lease.period_from is None:
        return None
    started = next(k for k in range(0, 200) if add_years(lease.period_from, k + 1) > day)
    return add_years(lease.period_from, started + 1)


def amount_open(demands: Iterable[Demand]) -> int:
    """What is still to be paid on demands, in paise."""
    return sum(demand.balance_paise for demand in demands)


def deposits_of(lease: Lease) -> dict[str, int]:
    """What the ledger holds of a settlement's security and of its lot's earnest money, in paise."""
    return {
        "security": held_paise(SECURITY, party_id=lease.party_id, subject=("lease", lease.number)),
        "emd": held_paise(EMD, party_id=lease.party_id, subject=("lot", lease.lot_code)),
    }


def returnable_of(lease: Lease) -> dict[str, int]:
    """What the ledger holds of the winner of an auction until the deed: deposits and first instalment, in paise."""
    paid = held_paise(SETTLEMENT, party_id=lease.party_id, subject=("lease", lease.number))
    return {**deposits_of(lease), "instalment": paid}


def ended_on_block(lease: Lease) -> list[Lease]:
    """The settlements of the same block that ended early before this one, the last first."""
    rows = Lease.objects.filter(block_id=lease.block_id, id__lt=lease.pk).exclude(ended_kind="")
    return list(rows.order_by("-id"))


def previous_on_block(lease: Lease) -> Lease | None:
    """The settlement of the same block that ended early before this one."""
    return next(iter(ended_on_block(lease)), None)


def marked_for_reauction(viewer: Actor) -> list[Lease]:
    """Ended settlements whose ghats are to be auctioned again (E-094), newest first."""
    rows = leases(viewer, reauction_at__isnull=False)
    return list(rows.order_by("-reauction_at"))


def ending_between(first: date, last: date) -> list[Lease]:
    """Settlements whose period ends in a span of days and that have not ended early."""
    rows = Lease.objects.select_related("block", "party").filter(Q(cancelled_at__isnull=True))
    return list(rows.filter(period_to__gte=first, period_to__lte=last))


def year_quantity_m3(lease: Lease) -> int:
    """The yearly quantity that instalments are reckoned by: the last increase, else the block's."""
    rises = rises_of(lease)
    return rises[-1].after_m3 if rises else int(lease.block.quantity_m3)


def royalty_years(at: datetime) -> list[tuple[Lease, int, date, date]]:
    """Complete settlement years that were not compared yet: lease, year, first day and the day after the last.

    A deed older than the tender has terms of its own (TKO-02): clause 42(xxvi) is none of them.
    """
    today, years = india_day(at), []
    done = set(LeaseAct.objects.filter(kind="royalty").values_list("key", flat=True))
    rows = Lease.objects.select_related("block", "party").filter(permitted_at__isnull=False, unpaid_stops=LAW)
    for lease in rows.filter(period_from__lte=add_years(today, -1)).iterator(chunk_size=500):
        assert lease.period_from is not None and lease.period_to is not None
        for year in range(1, 100):
            first, after = add_years(lease.period_from, year - 1), add_years(lease.period_from, year)
            if after > today or first > lease.period_to:
                break
            if royalty_key(lease.number, year) not in done:
                years.append((lease, year, first, after))
    return years


def refills_due(since: date, today: date, *, every: timedelta) -> list[tuple[Lease, date]]:
    """Settlements that mine where a whole number of intervals after the last refill ended in ``(since, today]``.

    Clause 30(ka) of the tender is none of an older deed's (TKO-02).
    """
    mining = Lease.objects.filter(permitted_at__isnull=False, cancelled_at__isnull=True, period_to__gte=today)
    rows = mining.filter(unpaid_stops=LAW)
    refilled = Max("acts__on", filter=Q(acts__kind="pits_refilled"))
    last: dict[int, date] = {
        pk: on or india_day(permitted_at)
        for pk, permitted_at, on in rows.annotate(on=refilled).values_list("pk", "permitted_at", "on")
    }
    due = {pk: on for pk, on in last.items() if (today - on) // every > max((since - on) // every, 0)}
    leases = Lease.objects.select_related("block", "party").in_bulk(list(due))
    return [(leases[pk], due[pk]) for pk in sorted(leases)]


def price_on(block: Block, day: date) -> PriceOrder | None:
    """The price order in force for a ghat on a day, its own before its district's; None while the market decides."""
    rows = PriceOrder.objects.filter(Q(block=block) | Q(block__isnull=True, district=block.district), from_on__lte=day)
    own = rows.filter(block=block).first()
    order = own if own and own.price_paise is not None else rows.filter(block__isnull=True).first() or own
    return order if order and order.price_paise is not None else None


def price_orders(viewer: Actor) -> QuerySet[PriceOrder]:
    """Price orders of a post's jurisdiction, newest first; statewide posts read all."""
    rows = PriceOrder.objects.select_related("block")
    return rows.filter(visible(viewer, "price.read"))


def prohibited_on(lease: Lease, *, at: datetime) -> list[ProhibitedFacts]:
    """The prohibited areas on the register of fences that a ghat overlaps on a day, with how much (E-107)."""
    try:
        kinds = book().value("LSE-52", at)["kinds"]
    except NotInForce:
        return []
    corners, results = lease.block.corners, []
    for standing_fence in standing_fences(india_day(at), kinds=kinds):
        if shared := round(overlap_m2(corners, standing_fence.version.ring)):
            results.append(
                ProhibitedFacts({"en": standing_fence.fence.name_en, "hi": standing_fence.fence.name_hi}, shared)
            )
    return results
