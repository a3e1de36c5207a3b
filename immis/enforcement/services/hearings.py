"""Hearings of a case: fixed, put off with a reason, held with who came and its minutes (E-144)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.services import log_action
from immis.enforcement.gates import hearing_standing_of
from immis.enforcement.models import Case, CaseHearing
from immis.enforcement.services.steps import locked_case, tell_accused
from immis.enforcement.services.tasks import require
from immis.rules.catalogue import Finding
from immis.rules.enforcement.hearings import FixingFacts


@transaction.atomic
def fix_hearing(case: Case, *, fixed_at: datetime, place: str, by: Actor, at: datetime) -> Case:
    """Fix a hearing and tell the accused.

    Raises NotPermitted elsewhere, Refusal (CAS-06 out of turn, CAS-62 too soon, CAS-64 one is fixed already).
    """
    row = locked_case(case, "fix_hearing", by=by, at=at)
    require(on="case.no_hearing", facts=hearing_standing_of(row, by, at), at=at)
    return _fixed(row, fixed_at, place, by=by, at=at)


def _fixed(row: Case, fixed_at: datetime, place: str, *, by: Actor, at: datetime, reason: str = "") -> Case:
    require(on="case.fix_hearing", facts=FixingFacts(row.number, fixed_at), at=at)
    CaseHearing.objects.create(case=row, fixed_at=fixed_at, place=place, by_name=by.name)
    facts = {"fixed_at": fixed_at, "place": place}
    log_action("case.hearing_fixed", subject=("case", row.number), by=by, at=at, facts=facts)
    key = f"{row.number}:{row.hearings.count()}"
    tell_accused(row, "MSG-282", at=at, key=key, fixed_at=fixed_at, place=place, reason=reason)
    return row


def _standing(case: Case, act: str, *, by: Actor, at: datetime) -> tuple[Case, CaseHearing]:
    row = locked_case(case, act, by=by, at=at)
    require(on="case.hearing_stands", facts=hearing_standing_of(row, by, at), at=at)
    return row, row.hearings.get(put_off_at__isnull=True, held_at__isnull=True)


@transaction.atomic
def put_off_hearing(case: Case, *, fixed_at: datetime, reason: str, by: Actor, at: datetime) -> Case:
    """Put the hearing off to another time, with the reason; the accused is told.

    Raises NotPermitted elsewhere, Refusal (CAS-06, CAS-07 no reason, CAS-62 too soon, CAS-63 none is fixed).
    """
    row, hearing = _standing(case, "put_off", by=by, at=at)
    if not reason.strip():
        raise Refusal(Finding("CAS-07", {}))
    hearing.put_off_at, hearing.reason = at, reason.strip()
    hearing.save()
    log_action("case.hearing_put_off", subject=("case", row.number), by=by, at=at, facts={"reason": hearing.reason})
    return _fixed(row, fixed_at, hearing.place, by=by, at=at, reason=hearing.reason)


@dataclass(frozen=True)
class Held:
    """Who came to a hearing, and what was said."""

    came: str
    minutes: str


@transaction.atomic
def hold_hearing(case: Case, *, held: Held, by: Actor, at: datetime) -> Case:
    """Write down who came to the hearing and its minutes.

    Raises NotPermitted elsewhere, Refusal (CAS-06, CAS-07 no minutes, CAS-63 none is fixed).
    """
    row, hearing = _standing(case, "hold_hearing", by=by, at=at)
    if not held.minutes.strip():
        raise Refusal(Finding("CAS-07", {}))
    hearing.held_at, hearing.came, hearing.minutes = at, held.came, held.minutes.strip()
    hearing.save()
    facts = {"came": held.came, "note": hearing.minutes}
    log_action("case.heard", subject=("case", row.number), by=by, at=at, facts=facts)
    return row
