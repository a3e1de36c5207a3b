"""Asking about settlements: the list, the path to the deed, the schedule, what stops challans, permitted quantity."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.holds.selectors import closure_subjects, not_suspended, ordered_holds
from immis.leases.models import Clearance, Lease, LeaseAct
from immis.ledger.chart import EMD, SECURITY
from immis.ledger.models import Demand
from immis.ledger.selectors import (
    Entry,
    demand_by_key,
    demand_state,
    demands_on,
    dues_of,
    held_paise,
    instalments_to_announce,
    unsettled_of,
    unsettled_on,
)
from immis.ledger.selectors import statement_of as ledger_statement
from immis.rules.calendar import india_day
from immis.rules.catalogue import RULES, Finding, apply, find
from immis.rules.holds.stops import LeaseFacts, OwedFacts, StandingHold, standing
from immis.rules.leases import schedule
from immis.rules.leases.clearances import KINDS, ValidityFacts
from immis.rules.leases.path import permitted_quantity_m3
from immis.rules.money import PAISE
from immis.rules.policy import NotInForce, book


def leases(viewer: Actor, **filters: Any) -> QuerySet[Lease]:
    """Settlements that the viewer may see: a party its own, officers their district's, statewide posts all."""
    return Lease.objects.select_related("block", "party").filter(
        visible(viewer, "lease.read", party="party_id"), **filters
    )


def lease_of(number: str, viewer: Actor) -> Lease:
    """One settlement by its number (MUN-2026-01), typed with slashes or hyphens. Raises NotFound."""
    lease = leases(viewer).filter(number=number.replace("/", "-")).first()
    if lease is None:
        raise NotFound(f"settlement {number}")
    return lease


def lease_on_block(code: str) -> Lease | None:
    """The settlement of a block, for pages that show the public state of a ghat."""
    return Lease.objects.select_related("block", "party").filter(block__code=code).order_by("-id").first()


def districts_of_party(party_id: int) -> list[str]:
    """The districts in which a party holds, or held, settlements."""
    return list(
        Lease.objects.filter(party_id=party_id).order_by("district").values_list("district", flat=True).distinct()
    )


def ghat_name(lease: Lease) -> dict[str, str]:
    return {"en": lease.block.name_en, "hi": lease.block.name_hi}


def ghat_name_of(number: str) -> dict[str, str]:
    """The name of the ghat of a settlement, by the settlement's number; empty where there is none."""
    lease = Lease.objects.select_related("block").filter(number=number).first()
    return ghat_name(lease) if lease else {}


def lease_facts(lease: Lease) -> dict[str, Any]:
    """What every event about a settlement carries."""
    return {
        "lease": lease.number,
        "ghat": ghat_name(lease),
        "district": lease.district,
        "party_id": lease.party_id,
        "party": {"en": lease.party.name_en, "hi": lease.party.name_hi},
    }


def clearances_of(lease: Lease) -> dict[str, Clearance]:
    """The clearances on record, by kind (plan, ec, cte_cto)."""
    return {row.kind: row for row in Clearance.objects.filter(lease=lease)}


def granted_on(lease: Lease, kind: str) -> date | None:
    """The day on which a clearance was granted."""
    row = clearances_of(lease).get(kind)
    return row.granted_on if row else None


def granted_kinds(lease: Lease) -> list[str]:
    """Kinds of clearances that are granted."""
    return [kind for kind, row in clearances_of(lease).items() if row.granted_on]


def permitted_quantity(lease: Lease) -> int | None:
    """Cubic metres a year that may leave: the least that a clearance names (E-092); None while none names any."""
    named = {kind: row.quantity_m3 for kind, row in clearances_of(lease).items() if row.granted_on and row.quantity_m3}
    return permitted_quantity_m3(named)


def instalment_key(number: str, year: int, instalment: int) -> str:
    """The key under which an instalment of a settlement is demanded once."""
    return f"instalment:{number}:{year}:{instalment}"


def dmf_key(number: str, year: int) -> str:
    """The key under which a year's share of the DMF is demanded once."""
    return f"dmf:{number}:{year}"


def royalty_key(number: str, year: int) -> str:
    """The key under which a year's royalty is compared, and its excess demanded, once."""
    return f"royalty:{number}:{year}"


def added_key(added: schedule.Added, to: str) -> str:
    """The key under which what a greater quantity adds to a demand (its key ``to``) is demanded once."""
    return f"increase:{added.rise}:{to}"


def rises_of(lease: Lease) -> list[schedule.Rise]:
    """The orders of greater yearly quantities, oldest first (E-110)."""
    rows = LeaseAct.objects.filter(lease=lease, kind="increase").order_by("id").values_list("pk", "facts")
    return [
        schedule.Rise(
            str(pk), date.fromisoformat(facts["from_on"]), int(facts["quantity_before_m3"]), int(facts["quantity_m3"])
        )
        for pk, facts in rows
    ]


def closed_months(lease: Lease) -> tuple[int, ...] | None:
    """Months (1 to 12) that the environmental clearance in force closes itself (CH-07); None where it names none."""
    ec = clearances_of(lease).get("ec")
    return None if ec is None or ec.granted_on is None or ec.closed_months is None else tuple(ec.closed_months)


def plan_of(lease: Lease, *, deed_on: date | None) -> list[schedule.SettlementYear]:
    """Years, instalments and DMF of a settlement by the terms at its auction, with what greater quantities add.

    What a year owes is reckoned here alone: demands, schedule, royalty and open data take it from this plan. Due days
    only with a deed's day.
    """
    return schedule.years(
        lease.bid_rupees * PAISE,
        deed_on=deed_on,
        policy=book(),
        on=lease.auction_closed_at,
        district=lease.district,
        rises=rises_of(lease),
    )


def demands_of(lease: Lease, **filters: Any) -> list[Demand]:
    """All demands on a settlement, oldest due first."""
    return demands_on(("lease", lease.number), **filters)


def security_demand(lease: Lease) -> Demand | None:
    """The demand for the balance of the security; None where the earnest money covered it."""
    return demand_by_key(f"security:{lease.number}")


def security_open_paise(lease: Lease) -> int:
    """What the ledger does not hold of the security, in paise; earnest money that the bank took back counts as open."""
    held = held_paise(SECURITY, party_id=lease.party_id, subject=("lease", lease.number))
    earnest = held_paise(EMD, party_id=lease.party_id, subject=("lot", lease.lot_code))
    return max(lease.security_paise - held - min(earnest, 0), 0)


def settled_on(demand: Demand | None) -> date | None:
    """The day on which the district verified the last of a demand."""
    return india_day(demand.settled_at) if demand and demand.settled_at else None


def first_instalment(lease: Lease) -> Demand | None:
    """The demand for the first instalment of the first year, once all clearances are granted."""
    return demand_by_key(instalment_key(lease.number, 1, 1))


def oldest_owed(lease: Lease, *, at: datetime) -> Demand | None:
    """The oldest instalment that has fallen due and is not verified."""
    owed = dues_of(subject=("lease", lease.number), at=at)
    return next((demand for demand in owed if demand.kind == "instalment"), None)


def statement_of(lease: Lease, *, at: datetime) -> list[Entry]:
    """The account of a settlement with running balance."""
    return ledger_statement(("lease", lease.number), at=at)


@dataclass(frozen=True)
class DueRow:
    """One row of a settlement's schedule. ``state``: settled, waiting, overdue, due_soon, due, upcoming or planned."""

    label: dict[str, str]
    kind: str
    year: int
    due_on: date | None
    amount_paise: int
    state: str
    code: str
    cites: str
    demand: str = ""


def schedule_of(lease: Lease, at: datetime) -> list[DueRow]:
    """Instalments and DMF of all years: as demanded once there is a deed, as planned before (A-11, A-13)."""
    by_key = {demand.key: demand for demand in demands_of(lease, kind__in=["instalment", "dmf", "royalty"])}
    rows = planned_rows(lease, deed_on=lease.deed_on, demands=by_key, at=at)
    planned = {row.demand for row in rows}
    return rows + [_added_row(lease, demand, at) for demand in by_key.values() if demand.number not in planned]


def _added_row(lease: Lease, demand: Demand, at: datetime) -> DueRow:
    """A demand that came to the plan later, of the year that its key names: royalty above the amount."""
    cite = demand.cites[0] if demand.cites else {"code": "", "cites": ""}
    year = next((k for k in range(1, 100) if demand.key == royalty_key(lease.number, k)), 1)
    state = due_state(demand, at=at)
    return DueRow(
        demand.label, demand.kind, year, demand.due_on, demand.amount_paise, state, cite["code"], cite["cites"],
        demand.number,
    )  # fmt: skip


def planned_rows(
    lease: Lease, *, deed_on: date | None, at: datetime, demands: dict[str | None, Demand] | None = None
) -> list[DueRow]:
    """The schedule if the deed is (or were) executed on a day."""
    rows, known = [], demands or {}
    for year in plan_of(lease, deed_on=deed_on):
        sums = [
            _Sum(row.label, "instalment", row.due_on, row.amount_paise, row.cite, row.added,
                 instalment_key(lease.number, year.number, row.number))
            for row in year.instalments
        ]  # fmt: skip
        sums.append(
            _Sum(year.dmf_label, "dmf", year.dmf_due_on, year.dmf_paise, year.dmf_cite, year.dmf_added,
                 dmf_key(lease.number, year.number))
        )  # fmt: skip
        rows += [row for item in sums for row in _rows(item, year.number, known, at)]
    return rows


@dataclass(frozen=True)
class _Sum:
    """One sum of the plan, the key of its demand, and what greater quantities add to it."""

    label: dict[str, str]
    kind: str
    due_on: date | None
    amount_paise: int
    cite: schedule.Cite
    added: tuple[schedule.Added, ...]
    key: str


def _rows(row: _Sum, year: int, known: dict[str | None, Demand], at: datetime) -> list[DueRow]:
    """A sum of the plan as it is demanded, and beside it what greater quantities add."""
    rows = [_row(row, year, known.get(row.key), at)]
    for added in row.added:
        demand = known.get(added_key(added, row.key))
        part = replace(row, amount_paise=added.amount_paise, cite=schedule.Cite.of(book().at("LSE-21", at)))
        rows.append(_row(part, year, demand, at))
    return rows


def _row(row: _Sum, year: int, demand: Demand | None, at: datetime) -> DueRow:
    state = due_state(demand, at=at) if demand else "planned"
    number, label = (demand.number, demand.label) if demand else ("", row.label)
    amount = demand.amount_paise if demand else row.amount_paise
    return DueRow(label, row.kind, year, row.due_on, amount, state, row.cite.code, row.cite.cites, number)


def due_state(demand: Demand, *, at: datetime) -> str:
    """How a demand stands against its due day: settled, waiting, cancelled, overdue, due_soon, due or upcoming."""
    state = demand_state(demand)
    if state != "open":
        return state
    if demand.due_on is None:
        return "due"
    if at >= schedule.late_from(demand.due_on):
        return "overdue"
    if india_day(at) == demand.due_on:
        return "due"
    return "due_soon" if india_day(at) >= demand.due_on - notice_time(at, district=demand.district) else "upcoming"


def notice_time(at: datetime, *, district: str = "") -> timedelta:
    """How long before its due day an instalment is announced; nothing before the first policy."""
    try:
        return timedelta(days=int(book().value("INS-04", at, district=district)))
    except NotInForce:
        return timedelta(0)


def standing_holds(lease: Lease, at: datetime) -> list[StandingHold]:
    """Everything that stops a settlement's e-challans at an instant: computed holds, then ordered ones (A-17…A-19)."""
    subject = ("lease", lease.number)
    facts = LeaseFacts(lease.number, lease.auction_closed_at, lease.permitted_at, lease.period_to, lease.cancelled_at)
    computed = [standing(finding, subject=subject) for finding in find("hold.lease", facts, policy=book(), at=at)]
    ended = [standing(result, subject=subject) for result in _run_out(lease, at=at)]
    unpaid = [hold for demand in unsettled_on(subject, at=at) if (hold := hold_of_demand(demand, lease.number, at=at))]
    reach = (subject, ("party", str(lease.party_id)), *closure_subjects(lease.district))
    standing_now = [*unpaid, *computed, *ended, *ordered_holds(*reach, at=at)]
    return not_suspended(standing_now, subject=subject, at=at)


def _run_out(lease: Lease, *, at: datetime) -> list[Finding]:
    """The findings of clearances whose newest version has run out (HLD-20)."""
    rows = Clearance.objects.filter(lease=lease, granted_on__isnull=False, valid_until__lt=india_day(at))
    facts = [ValidityFacts(lease.number, KINDS[row.kind], row.reference, row.valid_until) for row in rows]
    return [result for fact in facts if (result := apply(RULES["HLD-20"], fact, policy=book(), at=at))]


def owed_facts(demand: Demand) -> OwedFacts:
    """A demand as the hold rule sees it."""
    return OwedFacts(
        demand=demand.number,
        kind=demand.kind,
        label=demand.label,
        amount_paise=demand.balance_paise or demand.amount_paise,
        due_on=demand.due_on,
        state="waiting" if demand_state(demand) in {"waiting", "settled"} else "open",
        settled_at=demand.settled_at,
        reopened_at=demand.reopened_at,
        before_deed=demand.key == instalment_key(demand.subject_id, 1, 1),
    )


def hold_of_demand(demand: Demand, lease_number: str, *, at: datetime) -> StandingHold | None:
    """The hold that an unpaid demand puts on its settlement at an instant (HLD-01)."""
    finding = apply(RULES["HLD-01"], owed_facts(demand), policy=book(), at=at)
    return standing(finding, subject=("lease", lease_number)) if finding else None


def leases_of_numbers(numbers: set[str]) -> dict[str, Lease]:
    """Leases by number, with block and party."""
    return {row.number: row for row in Lease.objects.select_related("block", "party").filter(number__in=numbers)}


def announceable(at: datetime, *, since: datetime) -> list[Demand]:
    """Instalments that a job must look at: unsettled ones due soon or late, and ones settled late since then."""
    return instalments_to_announce(at=at, ahead=notice_time(at), since=since)


def next_due(lease: Lease, at: datetime) -> Demand | None:
    """The unsettled demand of a settlement that is to be paid first."""
    owed = dues_of(subject=("lease", lease.number))
    return owed[0] if owed else None


def next_dues(numbers: list[str]) -> dict[str, Demand]:
    """The same for many settlements at once, by their numbers."""
    demands: dict[str, Demand] = {}
    for demand in unsettled_of("lease", numbers):
        demands.setdefault(demand.subject_id, demand)
    return demands
