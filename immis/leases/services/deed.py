"""Deed, registration and mining permission."""

from datetime import date, datetime, timedelta

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.services import next_number
from immis.leases import facts
from immis.leases.events.path import DeedExecuted, DeedRegistered, MiningPermitted
from immis.leases.life import extensions_of
from immis.leases.models import Lease
from immis.leases.selectors import (
    first_instalment,
    granted_on,
    plan_of,
    settled_on,
)
from immis.leases.services.common import check, check_later, check_step, locked, tell
from immis.leases.services.demands import raise_year
from immis.leases.services.proposals import locked_to_issue
from immis.rules.calendar import add_years, india_day
from immis.rules.catalogue import Finding
from immis.rules.districts import letters_of
from immis.rules.leases.path import RegistrationFacts


@transaction.atomic
def execute_deed(*, lease: Lease, on: date, by: Actor, at: datetime) -> Lease:
    """Record the executed deed: the five years run from it, and all their instalments are demanded (E-095, E-098…100).

    Raises Refusal: clearances missing (LSE-07), first instalment not verified (LSE-08), security not held (LSE-55),
    dated before one of them (LSE-10).
    """
    lease = locked_to_issue(lease, "deed", on=on, by=by, at=at)
    check("lease.execute_deed", facts.deed_of(lease, by, at), lease=lease, at=at)
    check_step(lease, "deed", on=on, at=at)
    granted = {f"{kind}_granted": granted_on(lease, kind) for kind in ("plan", "ec")}
    check_later(lease, "deed", on=on, at=at, than={**granted, "first_instalment": settled_on(first_instalment(lease))})
    plan = plan_of(lease, deed_on=on)
    lease.deed_on = lease.period_from = on
    lease.period_to = add_years(on, len(plan)) - timedelta(days=1)
    lease.save(update_fields=["deed_on", "period_from", "period_to"])
    for year in plan:
        raise_year(lease, year, by=by, at=at)
    period = {"on": on, "period_from": lease.period_from, "period_to": lease.period_to}
    tell(DeedExecuted, lease, by=by, at=at, facts=period)
    return lease


@transaction.atomic
def record_registration(*, lease: Lease, on: date, by: Actor, at: datetime, number: str = "") -> list[Finding]:
    """Record the registration of the deed (clause 22 ii, E-096); answers the warning about a late one (LSE-09)."""
    lease = locked(lease, "lease.record_registration", by=by)
    check_step(lease, "registration", on=on, at=at)
    if lease.deed_on is None:
        raise NotFound("deed of this settlement")
    registered = RegistrationFacts(lease.deed_on, on, extensions_of(lease).get("registration"))
    late = check("lease.record_registration", registered, lease=lease, at=at)
    lease.registered_on, lease.registration_number = on, number
    lease.save(update_fields=["registered_on", "registration_number"])
    tell(DeedRegistered, lease, by=by, at=at, facts={"on": on, "number": number})
    return late


@transaction.atomic
def grant_permission(*, lease: Lease, by: Actor, at: datetime) -> Lease:
    """Permit mining (clause 23, E-097): clearances, due instalments, deed, GST and boundary
    pillars are all in place.

    Raises Refusal with each gate that is shut (LSE-11…LSE-14, LSE-20). From now on e-challans can be issued.
    """
    lease = locked_to_issue(lease, "permission", on=india_day(at), by=by, at=at)
    check("lease.permit", facts.permit_of(lease, by, at), lease=lease, at=at)
    for place in facts.places_of(lease, by, at):
        check("lease.permit_place", place, lease=lease, at=at)
    check_step(lease, "permission", on=india_day(at), at=at)
    year = india_day(at).year
    letters = letters_of(lease.block.district)
    number = next_number(f"permission-{letters}-{year}")
    lease.permission_number = f"MP/{letters}/{year}/{number:03d}"
    lease.permitted_at = at
    lease.save(update_fields=["permission_number", "permitted_at"])
    tell(MiningPermitted, lease, by=by, at=at, facts={"permission_number": lease.permission_number})
    return lease
