"""The steps of an installation: apply, visit, fence, approve; later stamps, moves and the end (A-06, A-07, A-10)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.papers.uploads import keep_document
from immis.core.services import emit, log_action, next_number
from immis.leases.selectors import Lease
from immis.registry.fences import DrawnFence, new_code, save_fence
from immis.rules.calendar import INDIA, india_day
from immis.rules.catalogue import find
from immis.rules.land.fences import BridgeFacts
from immis.rules.land.geometry import distance_m
from immis.rules.policy import book
from immis.rules.weighbridges.bridges import ApplicationFacts, VisitFacts, stamp_end
from immis.weighbridges.events import BridgeApproved
from immis.weighbridges.models import Bridge, Stamp, Visit
from immis.weighbridges.selectors import standing_facts


@dataclass(frozen=True, kw_only=True)
class NewBridge:
    """A weighbridge as its owner describes it; ``lease`` is the settlement of its ghat, ``licence`` of its storage."""

    name_hi: str
    name_en: str
    site: str
    district: str
    lat: float
    lon: float
    indicator: str
    capacity_kg: int
    division_kg: int
    lease: Lease | None = None
    licence: str = ""


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate of stamping: its number, the day of the stamp, the paper."""

    certificate: str
    stamped_on: date
    document: Any = None


def locked(bridge: Bridge, act: str, *, by: Actor, at: datetime, grant: str = "") -> Bridge:
    """The row, held until the transaction ends. Raises NotPermitted and Refusal (WB-05)."""
    require_grant(by, grant or f"weighbridge.{act}", district=None if by.party_id else bridge.district)
    _require_own(by, bridge.party_id, bridge.number)
    row = Bridge.objects.select_for_update().get(pk=bridge.pk)
    if findings := find("weighbridge.change", standing_facts(row, at, act=act), policy=book(), at=at):
        raise Refusal(findings)
    return row


def _require_own(by: Actor, party_id: int | None, what: str) -> None:
    """Raises NotPermitted for a party that acts on what is another one's."""
    if by.party_id and by.party_id != party_id:
        raise NotPermitted(f"{what} is not {by.name or by.role}'s")


def _log(code: str, bridge: Bridge, *, by: Actor, at: datetime, **facts: Any) -> None:
    log_action(f"weighbridge.{code}", subject=("weighbridge", bridge.number), by=by, at=at, facts=facts)


@transaction.atomic
def apply_for(*, bridge: NewBridge, stamp: Certificate, by: Actor, at: datetime) -> Bridge:
    """Apply for a weighbridge with its certificate of stamping. Raises Refusal (WB-01)."""
    district = bridge.lease.district if bridge.lease else bridge.district
    require_grant(by, "weighbridge.apply", district=None if by.party_id else district)
    if bridge.lease:
        _require_own(by, bridge.lease.party_id, bridge.lease.number)
    place = (bridge.lat, bridge.lon)
    facts = ApplicationFacts(bridge.name_en, place, bridge.capacity_kg, bridge.division_kg, stamp.stamped_on)
    if findings := find("weighbridge.apply", facts, policy=book(), at=at):
        raise Refusal(findings)
    year = f"{at.astimezone(INDIA):%Y}"
    party_id = by.party_id or (bridge.lease.party_id if bridge.lease else None)
    row = Bridge.objects.create(
        **vars(replace(bridge, district=district)), party_id=party_id, applied_at=at,
        number=f"WB-{year}-{next_number(f'weighbridge:{year}'):06d}",
    )  # fmt: skip
    _log("applied", row, by=by, at=at, site=row.site, place=[row.lat, row.lon])
    _keep_stamp(row, stamp, by=by, at=at)
    return row


def _keep_stamp(bridge: Bridge, stamp: Certificate, *, by: Actor, at: datetime) -> None:
    until = stamp_end(stamp.stamped_on, policy=book(), at=at)
    Stamp.objects.create(
        bridge=bridge, certificate=stamp.certificate, stamped_on=stamp.stamped_on, until=until,
        document=keep_document(stamp.document, at=at), by=by.user_id, at=at,
    )  # fmt: skip
    bridge.stamp_until = until
    bridge.save(update_fields=["stamp_until"])


@transaction.atomic
def record_visit(
    *, bridge: Bridge, place: tuple[float, float], photo: Any, remark: str, by: Actor, at: datetime
) -> Bridge:
    """The district saw the weighbridge, with photo and position. Raises Refusal (WB-02, WB-05)."""
    row = locked(bridge, "visit", by=by, at=at)
    facts = VisitFacts(row.number, (row.lat, row.lon), place)
    if findings := find("weighbridge.visit", facts, policy=book(), at=at):
        raise Refusal(findings)
    metres = round(distance_m(row.lat, row.lon, *place))
    Visit.objects.create(
        bridge=row, lat=place[0], lon=place[1], distance_m=metres, photo=keep_document(photo, at=at), remark=remark,
        by=by.user_id, at=at,
    )  # fmt: skip
    row.state = Bridge.VISITED
    row.save(update_fields=["state"])
    _log("visited", row, by=by, at=at, distance_m=metres, remark=remark)
    return row


@transaction.atomic
def fence_in(
    *, bridge: Bridge, corners: Sequence[tuple[float, float]], reason: str, reference: str, by: Actor, at: datetime
) -> Bridge:
    """Draw the fence round a weighbridge, or draw it anew. Raises Refusal (DEV-12, DEV-40, WB-05).

    The settlees near it hear of it by SMS and e-mail (TRG-162).
    """
    row = locked(bridge, "fence", by=by, at=at, grant="fence.draw")
    code = row.fence or new_code("weighbridge", row.name_en)
    facts = BridgeFacts(row.number, code, corners, (row.lat, row.lon))
    if findings := find("weighbridge.geofence", facts, policy=book(), at=at):
        raise Refusal(findings)
    today = india_day(at)
    drawn = DrawnFence(
        code=code, kind="weighbridge", name_en=row.name_en, name_hi=row.name_hi, district=row.district,
        corners=corners, valid_from=today, reason=reason, reference=reference,
    )  # fmt: skip
    save_fence(drawn, by=by, at=at)
    row.fence, row.geofenced_on, row.geofenced_by = code, today, by.user_id
    row.save(update_fields=["fence", "geofenced_on", "geofenced_by"])
    _log("fenced", row, by=by, at=at, fence=code, reference=reference)
    return row


@transaction.atomic
def approve(*, bridge: Bridge, reference: str, by: Actor, at: datetime) -> Bridge:
    """The one approving act of the district. Raises Refusal (WB-05, WB-06)."""
    row = locked(bridge, "approve", by=by, at=at)
    if findings := find("weighbridge.approve", standing_facts(row, at, act="approve"), policy=book(), at=at):
        raise Refusal(findings)
    row.state, row.approved_at, row.reference = Bridge.APPROVED, at, reference
    row.save(update_fields=["state", "approved_at", "reference"])
    name = {"en": row.name_en, "hi": row.name_hi}
    _log("approved", row, by=by, at=at, reference=reference)
    news = BridgeApproved(bridge=row.number, name=name, district=row.district, party_id=row.party_id)
    emit(news, subject=("weighbridge", row.number), at=at)
    return row


@transaction.atomic
def refuse(*, bridge: Bridge, reason: str, by: Actor, at: datetime) -> Bridge:
    """The district refuses an application. Raises Refusal (WB-05)."""
    return _end(bridge, "refuse", Bridge.REFUSED, "refused", reason, by=by, at=at)


@transaction.atomic
def take_away(*, bridge: Bridge, reason: str, by: Actor, at: datetime) -> Bridge:
    """The weighbridge stands no more; its software is cut off. Raises Refusal (WB-05)."""
    row = _end(bridge, "end", Bridge.ENDED, "ended", reason, by=by, at=at)
    row.devices.filter(revoked_at__isnull=True).update(revoked_at=at)
    return row


def _end(bridge: Bridge, act: str, state: str, code: str, reason: str, *, by: Actor, at: datetime) -> Bridge:
    row = locked(bridge, act, by=by, at=at)
    row.state, row.pair_code = state, ""
    row.save(update_fields=["state", "pair_code"])
    _log(code, row, by=by, at=at, reason=reason)
    return row


@transaction.atomic
def restamp(*, bridge: Bridge, stamp: Certificate, by: Actor, at: datetime) -> Bridge:
    """Hand in a new certificate of stamping. Raises Refusal (WB-01, WB-05)."""
    row = locked(bridge, "restamp", by=by, at=at)
    facts = ApplicationFacts(row.number, (row.lat, row.lon), row.capacity_kg, row.division_kg, stamp.stamped_on)
    if findings := find("weighbridge.apply", facts, policy=book(), at=at):
        raise Refusal(findings)
    _keep_stamp(row, stamp, by=by, at=at)
    _log("stamped", row, by=by, at=at, certificate=stamp.certificate, until=row.stamp_until)
    return row


@transaction.atomic
def move(*, bridge: Bridge, place: tuple[float, float], reason: str, by: Actor, at: datetime) -> Bridge:
    """The weighbridge stands elsewhere: until it is fenced anew it cannot weigh for an e-challan. Raises Refusal."""
    row = locked(bridge, "move", by=by, at=at)
    facts = ApplicationFacts(row.number, place, row.capacity_kg, row.division_kg, india_day(at))
    if findings := find("weighbridge.apply", facts, policy=book(), at=at):
        raise Refusal(findings)
    before = {"lat": row.lat, "lon": row.lon}
    row.lat, row.lon = place
    row.save(update_fields=["lat", "lon"])
    _log("moved", row, by=by, at=at, before=before, after={"lat": row.lat, "lon": row.lon}, reason=reason)
    return row
