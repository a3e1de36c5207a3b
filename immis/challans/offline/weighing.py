"""What the office knows of a line of a gate's book: key, quota, chain, clock, vehicle; gathered for the rules."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing

from immis.challans import selectors
from immis.challans.facts import way_to
from immis.challans.models import Challan, OfflinePass
from immis.challans.offline.book import FIRST_PREV, Line
from immis.challans.offline.keys import good_from, public_key, quota_of, terms
from immis.challans.offline.pack import SALT
from immis.challans.signed.checking import facts_signed_by
from immis.challans.signed.facts import PassFacts
from immis.challans.signed.lists import PublicKey, Quota
from immis.challans.signed.text import NotGenuine
from immis.leases.selectors import Lease
from immis.registers.selectors import Entry
from immis.registry import selectors as registry
from immis.registry.selectors import Place, Vehicle
from immis.rules.gates.offline import TakeFacts
from immis.rules.movement.distances import validity
from immis.rules.policy import NotInForce, book

_UNKNOWN = "…"


@dataclass(frozen=True)
class Weighed:
    """A line beside its records: quota, settlement, what the pass says, its vehicle and destination, the facts."""

    line: Line
    quota: Entry
    lease: Lease
    says: PassFacts | None
    vehicle: Vehicle | None
    place: Place | None
    facts: TakeFacts

    @property
    def chained(self) -> bool:
        """Whether the line is proven and next in the gate's book, whatever else is found."""
        return self.facts.fault in ("", "vehicle", "place", "disagrees") and not self.facts.known and self.signed

    @property
    def signed(self) -> bool:
        return self.says is not None


def weigh(line: Line, quota: Entry, key: Entry, lease: Lease, *, clock_off_s: int, at: datetime) -> Weighed:
    """Gather what the rules of taking in ask; vehicle and settlement are locked by the caller."""
    public = public_key(key, at=at)
    says = _says(line, public)
    vehicle = registry.vehicle_of(says.vehicle) if says else None
    place = registry.places().filter(code=line.place).first()
    before = OfflinePass.objects.filter(quota=quota.number, chained=True, counter__lt=line.counter).last()
    held_from, held_until = _held(line, quota.number)
    series = quota_of(quota)
    same = OfflinePass.objects.filter(quota=quota.number, chained=True, counter=line.counter).first()
    fault = _key_fault(key, public, line) or ("" if says else "signature")
    if says and not fault and same is None:
        fault = _chain_fault(line, before) or _disagreement(line, says, lease, quota, vehicle, place)
    facts = TakeFacts(
        challan=says.number if says else claimed_number(line, series),
        vehicle=says.vehicle if says else _UNKNOWN,
        issued_at=line.made_at,  # to the millisecond: two trucks may leave within a second
        received_at=at,
        fault=fault,
        number=series.first + line.counter - 1,
        first=series.first,
        last=series.last,
        quota_from=good_from(quota, key, at=at),
        quota_until=series.ends_at,
        closed=quota.state == "closed",
        held_from=held_from,
        held_until=held_until,
        before_at=before.made_at if before else None,
        clock_off_s=clock_off_s,
        known=f"{same.number}, {same.vehicle}" if same else "",
        on_trip=other_trip(vehicle, says) if says and vehicle else "",
    )
    return Weighed(line, quota, lease, says, vehicle, place, facts)


def claimed_number(line: Line, series: Quota) -> str:
    """The number that a line of the book stands for."""
    return f"{series.series}-{series.first + line.counter - 1:06d}"


def _says(line: Line, key: PublicKey) -> PassFacts | None:
    """What the pass says, where the key signed both pass and line."""
    if not line.signed_by(key.public):
        return None
    try:
        return facts_signed_by(line.text, key)
    except NotGenuine:
        return None


def _key_fault(key: Entry, public: PublicKey, line: Line) -> str:
    revoked_at = public.gate.revoked_at if public.gate else None
    if key.state not in ("approved", "revoked") or line.made_at < public.not_before:
        return "key"
    return "key" if revoked_at is not None and line.made_at >= revoked_at else ""


def _chain_fault(line: Line, before: OfflinePass | None) -> str:
    """The next line bears the next counter and the digest of the one before it."""
    counter, prev = (before.counter, before.digest) if before else (0, FIRST_PREV)
    return "" if (line.counter, line.prev) == (counter + 1, prev) else "chain"


def _disagreement(
    line: Line, says: PassFacts, lease: Lease, quota: Entry, vehicle: Vehicle | None, place: Place | None
) -> str:
    """Whether pass, line and register speak of the same thing: number, settlement, instant, destination, validity."""
    series = quota_of(quota)
    number = claimed_number(line, series)
    same_instant = int(line.made_at.timestamp()) == int(says.issued_at.timestamp())
    if (says.number, says.lease_number) != (number, lease.number) or not same_instant:
        return "disagrees"
    if vehicle is None:
        return "vehicle"
    if place is None or not place.name_hi.startswith(says.destination.removesuffix("…")):
        return "place"
    return "disagrees" if says.valid_until - says.issued_at > _longest(says, lease, place, vehicle) else ""


def _longest(says: PassFacts, lease: Lease, place: Place, vehicle: Vehicle) -> timedelta:
    """How long a pass can be good: as long as its way allows, and what CH-80 lets rounding add."""
    km = way_to(lease.block, place, at=says.issued_at).km
    try:
        span = validity(distance_km=km, kind=vehicle.kind, district=lease.district, policy=book(), at=says.issued_at)
        return span + timedelta(minutes=int(terms(says.issued_at)["more_minutes"]))
    except (LookupError, NotInForce):
        return timedelta(0)


def _held(line: Line, quota: str) -> tuple[datetime | None, datetime | None]:
    """From when until when the gate held data of this quota; none where nothing proves it."""
    try:
        body: Any = signing.loads(line.held, salt=SALT)
        if body["quota"] != quota:
            return None, None
        return datetime.fromtimestamp(body["from"], UTC), datetime.fromtimestamp(body["until"], UTC)
    except (signing.BadSignature, LookupError, TypeError, ValueError):
        return None, None


def other_trip(vehicle: Vehicle, says: PassFacts) -> str:
    """The e-challan on which the vehicle was when a pass was issued, or to which it went before that was over."""
    rows = Challan.objects.select_related(*selectors.WITH_ALL).filter(vehicle=vehicle)
    rows = rows.filter(issued_at__lt=says.valid_until, valid_until__gt=says.issued_at).exclude(
        pass_id=says.pass_id.hex()
    )
    for row in rows.exclude(state=Challan.CANCELLED).order_by("issued_at"):
        later = row.issued_at > says.issued_at
        if later or selectors.standing_of(row, at=says.issued_at).state == Challan.ISSUED:
            return row.number
    return ""
