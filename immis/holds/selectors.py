"""Asking for holds: which ordered ones stand on a subject, and the announced spells with their causes."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from immis.core.services import Subject
from immis.holds.models import Hold, HoldSpell
from immis.rules.catalogue import RULES, apply
from immis.rules.holds import CHALLANS, OrderFacts, StandingHold, standing
from immis.rules.policy import book


def ordered_holds(*subjects: Subject, at: datetime, stops: str = CHALLANS) -> list[StandingHold]:
    """The ordered holds that stand at an instant on any of the subjects (a lease, its party, a vehicle)."""
    wanted = Q(pk__in=[])
    for kind, subject_id in subjects:
        wanted |= Q(subject_kind=kind, subject_id=subject_id)
    rows = Hold.objects.filter(wanted, stops=stops, since__lte=at).order_by("since", "id")
    return [hold for row in rows if (hold := _standing(row, at=at))]


def _standing(row: Hold, *, at: datetime) -> StandingHold | None:
    facts = OrderFacts(row.reference, row.reason, row.since, row.until, row.lifted_at)
    finding = apply(RULES["HLD-03"], facts, policy=book(), at=at)
    if finding is None:
        return None
    hold = standing(finding, subject=(row.subject_kind, row.subject_id), stops=row.stops)
    if row.rule_code == finding.code:
        return hold
    return StandingHold(
        row.rule_code, hold.subject_kind, hold.subject_id, hold.stops, hold.since, {**hold.facts, **row.facts},
        hold.lifts_when,
    )  # fmt: skip


def orders_on(subject: Subject) -> list[Hold]:
    """Every hold ever ordered on a subject, newest first."""
    return list(Hold.objects.filter(subject_kind=subject[0], subject_id=subject[1]).order_by("-ordered_at"))


def hold_of(pk: int) -> Hold | None:
    return Hold.objects.filter(pk=pk).first()


def runs_out(at: datetime) -> list[Hold]:
    """Ordered holds whose time is over and whose end has not been announced."""
    open_keys = set(open_cause_keys("hold:"))
    rows = Hold.objects.filter(until__lte=at, lifted_at__isnull=True)
    return [row for row in rows if f"hold:{row.pk}" in open_keys]


def open_cause_keys(prefix: str) -> list[str]:
    """Causes of the spells that have begun and not ended."""
    rows = HoldSpell.objects.filter(ended_at__isnull=True, cause_key__startswith=prefix)
    return list(rows.values_list("cause_key", flat=True))


def spells_on(subject: Subject) -> list[HoldSpell]:
    """Each announced stop of a subject with start, end, cause and officer, newest first (A-19)."""
    return list(HoldSpell.objects.filter(subject_kind=subject[0], subject_id=subject[1]).order_by("-since", "-id"))


def spells(**filters: Any) -> QuerySet[HoldSpell]:
    return HoldSpell.objects.filter(**filters).order_by("id")
