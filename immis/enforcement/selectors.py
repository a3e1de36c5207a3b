"""Asking for tasks, cases, outcomes and events that failed."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from immis.clock import INDIA
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import require_grant
from immis.core.scope import visible
from immis.core.selectors import OutboxEvent, unhandled_events
from immis.enforcement.models import Case, CaseAppeal, CasePaper, CaseService, FailedEvent, Outcome, Task
from immis.holds.selectors import Hold, orders_on
from immis.registry.selectors import offices_with_post
from immis.rules.calendar import india_day

SOON = timedelta(days=2)
#: The trigger that stops a vehicle for some months after an order or payment.
BAR = "TRG-06"


#: States in which nothing more is to be done about a case.
ENDED = ("closed", "dropped", "set_aside")


def tasks(viewer: Actor, **filters: Any) -> QuerySet[Task]:
    """Tasks that a post may see, the most urgent first; headquarters and Collector see those of their offices too."""
    require_grant(viewer, "task.read")
    rows = Task.objects.select_related("office", "case").filter(**filters).order_by("due_at", "id")
    return rows.filter(visible(viewer, "task.read", district="office__district", office="office_id"))


def task_of(viewer: Actor, task_id: int) -> Task:
    """One task. Raises NotFound where the post may not see it."""
    task = tasks(viewer, pk=task_id).first()
    if task is None:
        raise NotFound(f"task {task_id}")
    return task


def _own(viewer: Actor) -> Q:
    """The tasks that wait for this very post: its own, and late ones of the posts that it stands over.

    A post of the whole State has those by district, in a lane of their own.
    """
    own = Q(role=viewer.role)
    return own if viewer.statewide else own | Q(escalated_at__isnull=False, role__in=viewer.post.over)


def lane(viewer: Actor, name: str, *, at: datetime) -> Q:
    """The tasks of one lane of a desk: ``mine``, ``office`` (of others), ``up`` (sent up) or ``done`` today."""
    begun = datetime.combine(india_day(at), time(), INDIA)
    return {
        "mine": Q(state="open") & _own(viewer),
        "office": Q(state="open") & ~_own(viewer),
        "up": Q(state="open", escalated_at__isnull=False),
        "done": Q(decided_at__gte=begun),
    }[name]


LANES = ("mine", "office", "up", "done")


def lane_counts(viewer: Actor, *, at: datetime) -> dict[str, int]:
    """How many tasks stand in each lane of a desk, and how many of the own ones are late or due soon.

    The open ones and those of today are asked apart, each by its index: the years of decided tasks are never read.
    """
    counts = {name: Count("pk", filter=lane(viewer, name, at=at)) for name in LANES if name != "done"}
    mine = lane(viewer, "mine", at=at)
    late = Count("pk", filter=mine & Q(due_at__lt=at))
    soon = Count("pk", filter=mine & Q(due_at__gte=at, due_at__lt=at + SOON))
    waiting: dict[str, int] = tasks(viewer, state="open").order_by().aggregate(**counts, late=late, soon=soon)
    return waiting | {"done": tasks(viewer).filter(lane(viewer, "done", at=at)).count()}


def own_task_count(viewer: Actor) -> int:
    """How many open tasks wait for this very post."""
    return tasks(viewer, state="open").filter(_own(viewer)).count()


def escalations_by_district(viewer: Actor) -> list[dict[str, Any]]:
    """Tasks that went up, by district: how many, since when the oldest is due; the worst district first."""
    rows = tasks(viewer, state="open", escalated_at__isnull=False).order_by()
    by_district = rows.values("office__district").annotate(n=Count("pk"), oldest_at=Min("due_at"))
    return sorted(by_district, key=lambda row: (-row["n"], row["oldest_at"]))


def vacant_posts(rows: Iterable[Task]) -> frozenset[tuple[int, str]]:
    """Office and post of those tasks whose post nobody holds now."""
    wanted = {(row.office_id, row.role) for row in rows}
    held = {role: {office.pk for office in offices_with_post(role)} for role in {role for _office, role in wanted}}
    return frozenset(key for key in wanted if key[0] not in held[key[1]])


def overdue_tasks(*, at: datetime) -> list[Task]:
    """Open tasks past their due instant that nobody was told about."""
    return list(Task.objects.filter(state="open", escalated_at__isnull=True, due_at__lte=at).order_by("due_at"))


def cases(viewer: Actor, **filters: Any) -> QuerySet[Case]:
    """Cases that a post may see, newest first; a party sees the cases against itself once a notice went out."""
    rows = Case.objects.select_related("office", "vehicle", "party").filter(**filters).order_by("-opened_at", "-id")
    require_grant(viewer, "case.read")
    seen = rows.filter(visible(viewer, "case.read", party="party_id"))
    return seen.filter(noticed_at__isnull=False) if viewer.is_party else seen


def case_of(viewer: Actor, number: str) -> Case:
    """One case. Raises NotFound where the post may not see it."""
    case = cases(viewer, number=number).first()
    if case is None:
        raise NotFound(f"case {number}")
    return case


def paper_of(case: Case, number: str) -> CasePaper:
    """A paper of a case that the reader may see. Raises NotFound."""
    paper = CasePaper.objects.select_related("case").filter(case=case, number=number).first()
    if paper is None:
        raise NotFound(f"paper {number}")
    return paper


def services_of(case: Case) -> QuerySet[CaseService]:
    """Proofs that papers of a case reached the accused, the first one first."""
    return CaseService.objects.select_related("paper").filter(paper__case=case).order_by("pk")


def documents_of(case: Case) -> frozenset[str]:
    """The hashes of all that was handed in for a case."""
    handed = [sha256 for reply in case.replies.all() for sha256 in reply.documents]
    appealed = case.appeals.exclude(document="").values_list("document", flat=True)
    result = [str(seen["document"]) for seen in case.evidence.get("signals", ()) if seen.get("document")]
    return frozenset([*result, *handed, *appealed, *services_of(case).values_list("document", flat=True)])


def waiting_appeal(case: Case) -> CaseAppeal | None:
    """The appeal or revision of a case that waits for its decision."""
    return CaseAppeal.objects.filter(case=case, decided_at__isnull=True).first()


def bar_of(case: Case) -> Hold | None:
    """The stop of the vehicle that followed the order or payment of a case (A-16)."""
    if case.vehicle is None:
        return None
    orders = orders_on(("vehicle", case.vehicle.registration))
    return next((row for row in orders if row.rule_code == BAR and row.facts.get("case") == case.number), None)


def stayed_demands(*, on: date) -> set[str]:
    """The demands whose order an appeal stays on a day: nothing is recovered on them."""
    rows = CaseAppeal.objects.filter(decided_at__isnull=True, stay_until__gte=on)
    return set(rows.values_list("case__demand_number", flat=True))


def case_counts(viewer: Actor) -> dict[str, int]:
    """How many cases stand in each state."""
    rows = cases(viewer).order_by().values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows}


def case_of_demand(number: str) -> Case | None:
    """The case whose penalty a demand asks for."""
    return Case.objects.filter(demand_number=number).first() if number else None


def trigger_counts() -> dict[str, int]:
    """How often each trigger had consequences; figures for the demo, the trace and the metrics."""
    rows = (
        Outcome.objects.filter(mode=None)
        .exclude(consequences=[])
        .order_by()
        .values("trigger_code")
        .annotate(n=Count("pk"))
    )
    return {row["trigger_code"]: row["n"] for row in sorted(rows, key=lambda row: row["trigger_code"])}


def outcomes(viewer: Actor, **filters: Any) -> QuerySet[Outcome]:
    """What triggers made of events, newest first, for headquarters."""
    require_grant(viewer, "event.read")
    return Outcome.objects.select_related("event").filter(**filters).order_by("-id")


def failed_events(viewer: Actor) -> QuerySet[FailedEvent]:
    """Events whose triggers could not be carried out and still wait, for headquarters."""
    require_grant(viewer, "event.read")
    return FailedEvent.objects.select_related("event").filter(resolved_at__isnull=True).order_by("failed_at")


def _resting(at: datetime) -> QuerySet[FailedEvent]:
    """Failed events that are not due again, or given up."""
    later = Q(next_try_at__gt=at) | Q(attempts__gte=FailedEvent.MOST_ATTEMPTS)
    return FailedEvent.objects.filter(later, resolved_at__isnull=True)


def _waiting(at: datetime) -> QuerySet[OutboxEvent]:
    resting = _resting(at).filter(event=OuterRef("pk"))
    return unhandled_events().filter(~Exists(resting))


def waiting_events(*, at: datetime, most: int) -> list[int]:
    """The oldest events of the outbox that wait for their triggers and are not resting after a failure."""
    return list(_waiting(at).values_list("pk", flat=True)[:most])


def event_to_handle(pk: int) -> OutboxEvent | None:
    """One of them with its failure, locked for this transaction; None where it was handled meanwhile."""
    rows = unhandled_events().select_for_update(of=("self",)).select_related("failure")
    return rows.filter(pk=pk).first()


def failure_of(event: OutboxEvent) -> FailedEvent | None:
    """The failure of an event that is still to be tried again."""
    failure: FailedEvent | None = getattr(event, "failure", None)
    return failure if failure and failure.resolved_at is None else None


def pending_count() -> int:
    """How many events wait: the worker's backlog."""
    return unhandled_events().count()


def open_case_count(viewer: Actor) -> int:
    """How many cases still want an act."""
    return cases(viewer).exclude(state__in=ENDED).count()


def unanswered_cases(*, at: datetime) -> QuerySet[Case]:
    """Cases whose time to reply to the notice is over and in which nothing was ordered."""
    rows = Case.objects.select_related("office", "vehicle", "party").filter(state="noticed", replied_at__isnull=True)
    return rows.filter(reply_due_at__lte=at).order_by("reply_due_at", "pk")


def open_deadlines() -> list[Task]:
    """Open tasks about a day that is over."""
    return list(Task.objects.filter(subject_kind="deadline", state="open").order_by("pk"))
