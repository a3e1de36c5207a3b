"""The path to the deed as the pages draw it: each gate with its day, its clock and its clause (E-174)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q, QuerySet

from immis.leases.life import demarcated, due_of, extensions_of
from immis.leases.models import Clearance, Lease, LeaseNotice
from immis.leases.selectors import clearances_of, first_instalment, security_demand, settled_on
from immis.ledger.selectors import Demand, demand_state
from immis.rules.calendar import india_day
from immis.rules.leases import path as rules


@dataclass(frozen=True)
class PathStep:
    """One gate: ``state`` done, now, late or todo; ``begun_on`` when it was applied for; ``waiting`` to be verified."""

    key: str
    code: str
    state: str = "todo"
    done_on: date | None = None
    due_on: date | None = None
    begun_on: date | None = None
    waiting: bool = False

    @property
    def label(self) -> Mapping[str, str]:
        return rules.CLEARANCES.get(self.key) or rules.STEPS[self.key]


def path_of(lease: Lease, at: datetime) -> list[PathStep]:
    """All gates in order, each done, late against its clock, the next one, or still to come."""
    steps = [*_before_loi(lease), *_clearance_steps(lease), *_deed_steps(lease)]
    today, drawn, open_before = india_day(at), [], False
    for step in steps:
        if step.done_on:
            state = "done"
        elif step.due_on and today > step.due_on:
            state = "late"
        else:
            state = "todo" if open_before else "now"
        open_before = open_before or state != "done"
        code = "TKO-02" if lease.own_terms else step.code
        drawn.append(replace(step, state=state, code=code))
    return drawn


def _waits(demand: Demand | None) -> bool:
    return demand is not None and demand_state(demand) == "waiting"


def _before_loi(lease: Lease) -> list[PathStep]:
    demand, longer = security_demand(lease), extensions_of(lease)
    paid_on = settled_on(demand) if demand else india_day(lease.auction_closed_at)
    clocks = ("security", "documents", "assets")
    security_due, copies_due, assets_due = (due_of(lease, clock, extensions=longer) for clock in clocks)
    steps = [
        PathStep("security", "LSE-01", done_on=paid_on, due_on=security_due, waiting=_waits(demand)),
        PathStep("documents", "LSE-02", done_on=lease.documents_received_on, due_on=copies_due),
        PathStep("assets", "LSE-03", done_on=lease.assets_received_on, due_on=assets_due),
        PathStep("loi", "LSE-01", done_on=lease.loi_on),
    ]
    return [step for step in steps if step.key != "assets" or assets_due]


def _clearance_steps(lease: Lease) -> list[PathStep]:
    known, longer = clearances_of(lease), extensions_of(lease)
    codes = {"plan": "LSE-04", "ec": "LSE-05", "cte_cto": "LSE-06"}
    return [_clearance(kind, codes[kind], known.get(kind), lease, longer) for kind in codes]


def _granted(row: Clearance | None) -> date | None:
    return row.granted_on if row else None


def _clearance(kind: str, code: str, row: Clearance | None, lease: Lease, extensions: dict[str, date]) -> PathStep:
    """The clock runs until the application; how long the authority takes is not the settlee's."""
    due_on = due_of(lease, kind, extensions=extensions) if row is None else None
    return PathStep(kind, code, done_on=_granted(row), due_on=due_on, begun_on=row.applied_on if row else None)


def _deed_steps(lease: Lease) -> list[PathStep]:
    first = first_instalment(lease)
    register_by = due_of(lease, "registration")
    permitted_on = india_day(lease.permitted_at) if lease.permitted_at else None
    return [
        PathStep("first_instalment", "LSE-08", done_on=settled_on(first), waiting=_waits(first)),
        PathStep("deed", "LSE-07", done_on=lease.deed_on),
        PathStep("registration", "LSE-09", done_on=lease.registered_on, due_on=register_by),
        PathStep("demarcation", "LSE-19", done_on=lease.demarcated_on if demarcated(lease) else None),
        PathStep("permission", "LSE-13", done_on=permitted_on),
    ]


def late_gates(at: datetime) -> list[tuple[Lease, PathStep]]:
    """Gates of settlements under way whose day is over and that are not done, whoever they wait for."""
    rows = Lease.objects.select_related("block", "party").filter(cancelled_at__isnull=True)
    under_way = rows.filter(Q(permitted_at__isnull=True) | Q(registered_on__isnull=True)).order_by("pk")
    return [(lease, step) for lease in under_way for step in path_of(lease, at) if step.state == "late"]


def late_keys(number: str, at: datetime) -> frozenset[str]:
    """The gates of a settlement that are late; none where it was cancelled."""
    lease = Lease.objects.filter(number=number, cancelled_at__isnull=True).first()
    return frozenset(step.key for step in path_of(lease, at) if step.state == "late") if lease else frozenset()


def unanswered_notices(at: datetime) -> QuerySet[LeaseNotice]:
    """Notices whose last day is over, to which nobody replied and that nobody closed."""
    rows = LeaseNotice.objects.select_related("lease__block", "lease__party").filter(closed_at__isnull=True)
    return rows.filter(replied_at__isnull=True, due_on__lt=india_day(at), lease__cancelled_at__isnull=True)
