"""Asking for holds: which ordered ones stand on a subject, and the announced spells with their causes."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import reach_of
from immis.core.scope import NOTHING, visible
from immis.core.services import Subject
from immis.core.written import Question
from immis.holds.models import Hold, HoldSpell, Suspension
from immis.rules.catalogue import RULES, Finding, apply, find
from immis.rules.holds.orders import GROUNDS, STATE, SuspensionFacts, UndoFacts, district_reached
from immis.rules.holds.stops import CHALLANS, OrderFacts, StandingHold, lifts_of, standing
from immis.rules.policy import book

_PARTS = ("kind", "subject")


def ordered_holds(*subjects: Subject, at: datetime, stops: str = CHALLANS) -> list[StandingHold]:
    """The ordered holds that stand at an instant on any of the subjects (a lease, its party, a vehicle)."""
    named = {f"{part}{n}": value for n, row in enumerate(subjects) for part, value in zip(_PARTS, row, strict=True)}
    rows = _ordered_on(len(subjects)).rows(stops=stops, at=at, **named) if subjects else []
    return [hold for row in rows if (hold := _standing(row, at=at))]


@cache
def _ordered_on(count: int) -> Question[Hold]:
    """The question for the orders on so many subjects."""

    def ordered(stops: Any, at: Any, **named: Any) -> QuerySet[Hold]:
        wanted = Q(pk__in=[])
        for n in range(count):
            kind, subject_id = (named[f"{part}{n}"] for part in _PARTS)
            wanted |= Q(subject_kind=kind, subject_id=subject_id)
        return Hold.objects.filter(wanted, stops=stops, since__lte=at).order_by("since", "id")

    return Question(ordered, {"stops": str, "at": datetime, **{f"{p}{n}": str for p in _PARTS for n in range(count)}})


def _standing(row: Hold, *, at: datetime) -> StandingHold | None:
    facts = OrderFacts(row.reference, row.reason, row.since, row.until, row.lifted_at)
    finding = apply(RULES["HLD-03"], facts, policy=book(), at=at)
    if finding is None:
        return None
    hold = standing(finding, subject=(row.subject_kind, row.subject_id), stops=row.stops)
    if row.rule_code == finding.code:
        return hold
    return StandingHold(
        row.rule_code, hold.subject_kind, hold.subject_id, hold.stops, hold.since,
        {**hold.facts, "until": row.until, **row.facts}, lifts_of(row.rule_code),
    )  # fmt: skip


def orders_on(subject: Subject) -> list[Hold]:
    """Every hold ever ordered on a subject, newest first."""
    return list(Hold.objects.filter(subject_kind=subject[0], subject_id=subject[1]).order_by("-ordered_at"))


def unlifted_orders() -> Iterator[Hold]:
    """Every ordered hold that nobody lifted, of the whole State, one after another."""
    return Hold.objects.filter(lifted_at__isnull=True).iterator()


def rules_of_spells() -> list[str]:
    """The rules by which anything was ever stopped."""
    return list(HoldSpell.objects.order_by().values_list("rule_code", flat=True).distinct())


def runs_out(at: datetime) -> list[Hold]:
    """Ordered holds whose time is over and whose end has not been announced."""
    open_holds = [int(key.removeprefix("hold:")) for key in open_cause_keys("hold:")]
    return list(Hold.objects.filter(pk__in=open_holds, until__lte=at, lifted_at__isnull=True).order_by("pk"))


def closures_over(at: datetime) -> list[tuple[str, datetime, str]]:
    """Open spells of closure windows that were lifted or have run out: cause key, legal end, ``lifted`` or ``ran_out``.

    One whose order is not there any more is over now.
    """
    by_key = {key: int(key.split(":")[1]) for key in open_cause_keys("closure:")}
    closures = Hold.objects.in_bulk(set(by_key.values()))
    over = []
    for key, pk in by_key.items():
        hold = closures.get(pk)
        ends = min(filter(None, [hold.lifted_at, hold.until]), default=None) if hold else at
        if ends is not None and ends <= at:
            over.append((key, ends, "lifted" if hold and hold.lifted_at == ends else "ran_out"))
    return over


def closed_spans(
    district: str, *, grounds: Collection[str], start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """When e-challans of a district were closed on some grounds within a span, each moment once (E-162)."""
    reach = Q(pk__in=[])
    for kind, subject_id in closure_subjects(district):
        reach |= Q(subject_kind=kind, subject_id=subject_id)
    kept_as = [GROUNDS[ground]["en"] for ground in grounds]  # an order keeps the words of its ground
    rows = Hold.objects.filter(reach, stops=CHALLANS, since__lt=end, facts__ground__en__in=kept_as).order_by("since")
    spans: list[tuple[datetime, datetime]] = []
    for row in rows:
        begins = max(row.since, spans[-1][1] if spans else start)
        ends = min(filter(None, [row.lifted_at, row.until, end]))
        if ends > begins:
            spans.append((begins, ends))
    return spans


def open_cause_keys(prefix: str) -> list[str]:
    """Causes of the spells that have begun and not ended."""
    rows = HoldSpell.objects.filter(ended_at__isnull=True, cause_key__startswith=prefix)
    return list(rows.values_list("cause_key", flat=True))


def spells_on(subject: Subject) -> list[HoldSpell]:
    """Each announced stop of a subject with start, end, cause and officer, newest first (A-19)."""
    return list(HoldSpell.objects.filter(subject_kind=subject[0], subject_id=subject[1]).order_by("-since", "-id"))


def spells(**filters: Any) -> QuerySet[HoldSpell]:
    return HoldSpell.objects.filter(**filters).order_by("id")


def closure_subjects(district: str) -> tuple[Subject, Subject]:
    """The subjects of closure windows that reach a district: itself and the State (E-162)."""
    return ("district", district), ("state", STATE)


def not_suspended(holds: list[StandingHold], *, subject: Subject, at: datetime) -> list[StandingHold]:
    """The holds that no order of a court or the department suspends at an instant."""
    if not holds:
        return holds
    lifted = {(row.rule_code, row.cause) for row in suspensions_on(subject) if _stands(row, at)}
    return [hold for hold in holds if (hold.rule_code, cause_of(hold)) not in lifted]


def cause_of(hold: StandingHold) -> str:
    """What a suspension names a hold by: its demand, or its order's reference."""
    return str(hold.facts.get("demand") or hold.facts.get("reference") or hold.rule_code)


def _stands(row: Suspension, at: datetime) -> bool:
    facts = SuspensionFacts(row.reference, row.since, row.until, row.withdrawn_at)
    return apply(RULES["HLD-13"], facts, policy=book(), at=at) is not None


def suspensions_on(subject: Subject) -> list[Suspension]:
    """Every suspension ever entered on a subject, newest first."""
    return list(Suspension.objects.filter(subject_kind=subject[0], subject_id=subject[1]).order_by("-entered_at"))


def suspended_subjects(kind: str, *, at: datetime) -> set[str]:
    """Ids of subjects of a kind on which a suspension stands."""
    rows = Suspension.objects.filter(subject_kind=kind, since__lte=at, until__gt=at, withdrawn_at__isnull=True)
    return set(rows.values_list("subject_id", flat=True))


def suspensions_over(at: datetime) -> list[Suspension]:
    """Suspensions that are over and of which nobody was told."""
    over = Q(until__lte=at) | Q(withdrawn_at__lte=at)
    return list(Suspension.objects.filter(over, over_told_at__isnull=True).order_by("id"))


def _mine(viewer: Actor) -> Q:
    """Orders that a post may see: statewide posts all; a district its own and what closes it or the State."""
    if not reach_of(viewer, "hold.read"):
        return NOTHING
    closures = visible(viewer, "hold.read", district="subject_id") & Q(subject_kind="district")
    return visible(viewer, "hold.read", district="facts__district") | closures | Q(subject_kind="state")


def undo_refused(reference: str, ordered_role: str, viewer: Actor, *, at: datetime) -> list[Finding]:
    """Why a post may not lift, suspend or withdraw an order: a higher post gave it (HLD-15)."""
    return find("hold.undo", UndoFacts(reference, ordered_role, viewer.role), policy=book(), at=at)


def named_orders(rule_code: str, cause: str, *, subject: Subject, facts: Mapping[str, Any] | None) -> list[Hold]:
    """The orders that a suspension's cause may name: on the subject, its party, its district or the State."""
    party = ("party", str((facts or {}).get("party_id") or ""))
    wanted = Q(pk__in=[])
    for kind, subject_id in (subject, party, *closure_subjects(district_reached(subject, facts))):
        wanted |= Q(subject_kind=kind, subject_id=subject_id)
    return list(Hold.objects.filter(wanted, rule_code=rule_code, reference=cause, lifted_at__isnull=True))


def orders(viewer: Actor, **filters: Any) -> QuerySet[Hold]:
    """Holds that persons ordered, newest first, as far as the post may see them."""
    return Hold.objects.filter(_mine(viewer), **filters).order_by("-ordered_at", "-id")


def order_of(pk: int, viewer: Actor) -> Hold:
    """One ordered hold; NotFound unless the post may see it."""
    hold = orders(viewer, pk=pk).first()
    if hold is None:
        raise NotFound(f"hold {pk}")
    return hold


def suspensions(viewer: Actor, **filters: Any) -> QuerySet[Suspension]:
    """Suspensions, newest first, as far as the post may see them."""
    rows = Suspension.objects.filter(visible(viewer, "hold.read", district="facts__district"), **filters)
    return rows.order_by("-entered_at", "-id")


def suspension_of(pk: int, viewer: Actor) -> Suspension:
    """One suspension; NotFound unless the post may see it."""
    row = suspensions(viewer, pk=pk).first()
    if row is None:
        raise NotFound(f"suspension {pk}")
    return row
