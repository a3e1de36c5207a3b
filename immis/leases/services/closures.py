"""Closure windows for a district or the State, and orders that suspend a stop of one settlement."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.holds.selectors import Hold, Suspension
from immis.holds.services import HoldOrder, SuspensionOrder, open_spell, order_hold, suspend_hold
from immis.leases.models import Lease
from immis.leases.selectors import lease_facts
from immis.rules.catalogue import find
from immis.rules.districts import NAMES_HI
from immis.rules.holds.orders import GROUNDS, STATE, ClosureFacts
from immis.rules.holds.stops import CHALLANS
from immis.rules.policy import book


@dataclass(frozen=True, kw_only=True)
class Closure:
    """An order that closes e-challans for a time on a ground of the law (clause 42(xxxiii), E-162)."""

    ground: str
    reference: str
    since: datetime
    until: datetime | None
    reason: str = ""
    document: str = ""


@transaction.atomic
def close_challans(*, district: str, closure: Closure, by: Actor, at: datetime) -> Hold:
    """Close the e-challans of a district, or of the whole State (``STATE``), for a time (clause 42(xxxiii), E-162).

    Every mining settlement in its reach is told. Raises Refusal (HLD-11) without ground or end, NotFound for a
    district that there is not, NotPermitted for another one.
    """
    if district != STATE and district not in NAMES_HI:
        raise NotFound(f"district {district or 'without a name'}")
    scope = "state" if district == STATE else "district"
    asked = ClosureFacts(closure.ground, scope, closure.since, closure.until, by.role)
    if findings := find("hold.order_closure", asked, policy=book(), at=at):
        raise Refusal(findings)
    ground = GROUNDS[closure.ground]
    order = HoldOrder(
        stops=CHALLANS,
        reference=closure.reference,
        reason=closure.reason or ground["hi"],
        rule_code="HLD-10",
        since=closure.since,
        until=closure.until,
        document=closure.document,
    )
    words = {"ground": dict(ground), "district": "" if scope == "state" else district}
    hold = order_hold(subject=(scope, district), order=order, facts=words, by=by, at=at)
    for lease in _mining_in(district):
        _open(lease, hold, by=by, at=at)
    return hold


def _mining_in(district: str) -> list[Lease]:
    rows = Lease.objects.select_related("block", "party")
    rows = rows.filter(permitted_at__isnull=False, cancelled_at__isnull=True)
    return list(rows if district == STATE else rows.filter(district=district))


def _open(lease: Lease, hold: Hold, *, by: Actor, at: datetime) -> None:
    facts = {
        **lease_facts(lease),
        "stops": hold.stops,
        "rule_code": hold.rule_code,
        "reference": hold.reference,
        "reason": hold.reason,
        "until": hold.until,
    }
    subject = ("lease", lease.number)
    key = f"closure:{hold.pk}:{lease.number}"
    open_spell(cause_key=key, subject=subject, since=hold.since, facts=facts, by=by, at=at)


@transaction.atomic
def suspend_stop(*, lease: Lease, order: SuspensionOrder, by: Actor, at: datetime) -> Suspension:
    """Enter an order that suspends one stop of a settlement until its end (A-18, A-19). Raises Refusal (HLD-12)."""
    return suspend_hold(subject=("lease", lease.number), order=order, facts=lease_facts(lease), by=by, at=at)
