"""Gathering what the rules of a change need: a heavier load, a truck that stands, closures within its time."""

from datetime import datetime, timedelta
from decimal import Decimal

from immis.challans import selectors
from immis.challans.facts import cancel_facts
from immis.challans.loads import Load, Sale, weighed
from immis.challans.models import Challan, ChallanChange
from immis.challans.selectors.outages import outages
from immis.core.access.permissions import Actor
from immis.holds import selectors as holds
from immis.rules.land.geometry import distance_m
from immis.rules.movement.changes import AmendFacts, ExtendFacts
from immis.rules.policy import book
from immis.tracking import selectors as tracking

BREAKDOWN, OUTAGE = "challan.extend", "challan.extend_outage"
#: A truck that stands moves by no more than its device errs.
_STANDS_M = 100
_LOOK_BACK = timedelta(hours=3)


def amend_facts(challan: Challan, by: Actor, at: datetime, *, found_m3: Decimal | None = None) -> AmendFacts:
    """Whether an e-challan may still be amended, and to what."""
    return AmendFacts(**vars(cancel_facts(challan, by, at)), quantity_m3=challan.quantity_m3, found_m3=found_m3)


def load_again(
    challan: Challan, *, quantity_m3: Decimal, tare_kg: int | None, gross_kg: int | None, at: datetime
) -> Load:
    """The load of an e-challan as the scale found it."""
    load = Load(
        lease=challan.lease, vehicle=challan.vehicle, place=challan.place, quantity_m3=quantity_m3 or Decimal(0),
        driver_name=challan.driver_name, licence_no=challan.licence_no, tare_kg=tare_kg, gross_kg=gross_kg,
        sale=Sale(buyer_kind=challan.buyer_kind, buyer_name=challan.buyer_name, buyer_licence=challan.buyer_licence),
    )  # fmt: skip
    return weighed(load, at=at)


def extend_facts(challan: Challan, by: Actor, at: datetime) -> ExtendFacts:
    """Whether an e-challan may have more time: in force, on the road, standing, closures within its time."""
    in_force = selectors.standing_of(challan, at=at).state == Challan.ISSUED
    given = list(ChallanChange.objects.filter(challan=challan, kind=ChallanChange.EXTENDED))
    added_min = sum(int(row.facts["minutes"]) for row in given if row.rule_code == "CH-45")
    return ExtendFacts(
        challan=challan.number,
        in_force=in_force,
        started=challan.started_at is not None,
        breakdowns=sum(row.rule_code == "CH-44" for row in given),
        standing_min=_standing_min(challan, at),
        outage_min=max(0, _closed_min(challan, at) - added_min),
    )


def _standing_min(challan: Challan, at: datetime) -> int | None:
    """For how many minutes the device has shown the vehicle where it is; None where it is silent now (CH-03)."""
    silent_after = timedelta(minutes=int(book().value("CH-03", at, district=challan.district)))
    points = tracking.points(challan.imei, start=max(challan.issued_at, at - _LOOK_BACK), end=at)
    if not points or at - points[-1].at > silent_after:
        return None
    last, since = points[-1], points[-1].at
    for point in reversed(points):
        if distance_m(last.lat, last.lon, point.lat, point.lon) > _STANDS_M:
            break
        since = point.at
    return int((at - since).total_seconds() // 60)


def _closed_min(challan: Challan, at: datetime) -> int:
    """How long closures and outages lasted within the time of an e-challan until now, in minutes."""
    return int(sum((ends - begins).total_seconds() for begins, ends in closed_spans_of(challan, at)) // 60)


def closed_spans_of(challan: Challan, at: datetime) -> list[tuple[datetime, datetime]]:
    """Closures for maintenance (CH-45) and recorded outages (CH-87) since the issue, each moment once."""
    grounds = book().value("CH-45", at, district=challan.district)
    spans = holds.closed_spans(challan.district, grounds=grounds, start=challan.issued_at, end=at)
    known = outages(start=challan.issued_at, end=at)
    spans += [(max(row.begins_at, challan.issued_at), min(row.ends_at, at)) for row in known]
    once: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(spans):
        begins = max(begins, once[-1][1]) if once else begins
        if ends > begins:
            once.append((begins, ends))
    return once
