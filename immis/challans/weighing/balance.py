"""The balance of a ghat's days: what its weighbridge weighed, what its e-challans say, which of these set out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, F, Q, Sum, When
from django.db.models.functions import TruncDate

from immis.challans.models import Challan
from immis.core.batches import each
from immis.core.selectors import cursor_position, known_position, move_cursor
from immis.core.services import emit
from immis.leases.selectors import Lease
from immis.rules.calendar import INDIA, end_of, india_day, start_of
from immis.rules.catalogue import Finding, find
from immis.rules.policy import NotInForce, book
from immis.rules.weighbridges.balance import DayFacts, apart_percent
from immis.weighbridges.events import BalanceAgreed, BalanceNews, BalanceParted
from immis.weighbridges.selectors import balanced_leases
from immis.weighbridges.weights import weighed_loads

_CURSOR = "challans.balance_days"
_COUNTED = (Challan.ISSUED, Challan.COMPLETED, Challan.EXPIRED)


@dataclass
class DayBalance:
    """A settlement's day: loads and kilograms by its weighbridge, by its e-challans, by those that set out."""

    lease: Lease
    day: date
    weighed: int = 0
    bridge_kg: int = 0
    challans: int = 0
    challan_kg: int = 0
    trips: int = 0
    trip_kg: int = 0

    @property
    def apart_percent(self) -> int:
        return apart_percent(self.bridge_kg, self.challan_kg, self.trip_kg)

    @property
    def facts(self) -> DayFacts:
        return DayFacts(self.lease.number, self.day, self.bridge_kg, self.challan_kg, self.trip_kg)

    def finding(self, at: datetime) -> Finding | None:
        """What the rules say of the day (WB-27)."""
        findings = find("weighbridge.balance", self.facts, policy=book(), at=at)
        return findings[0] if findings else None


def balances(leases: Collection[Lease], *, first: date, last: date) -> list[DayBalance]:
    """The days of some settlements from the first to the last one, each settlement's in their order."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = {(lease.pk, day): DayBalance(lease, day) for lease in leases for day in days}
    since, until = start_of(first), end_of(last)
    for lease, day, count, kg in weighed_loads([lease.pk for lease in leases], since=since, until=until):
        rows[lease, day].weighed, rows[lease, day].bridge_kg = count, kg
    densities = {lease.pk: _density(lease, until) for lease in leases}
    for sums in _challans(leases, since, until):
        row, density = rows[sums["lease_id"], sums["day"]], densities[sums["lease_id"]]
        row.challans, row.trips = sums["n"], sums["left"]
        row.challan_kg = _kg(sums["net"], sums["by_volume"], density)
        row.trip_kg = _kg(sums["left_net"], sums["left_by_volume"], density)
    return list(rows.values())


def _density(lease: Lease, at: datetime) -> Decimal:
    return Decimal(str(book().value("CH-40", at, district=lease.district)))


def _kg(net: int | None, by_volume: Decimal | None, density: Decimal) -> int:
    """Kilograms of what was weighed, and of what was measured in cubic metres alone."""
    return int(net or 0) + int((Decimal(by_volume or 0) * density * 1000).to_integral_value())


def _challans(leases: Iterable[Lease], since: datetime, until: datetime) -> Iterable[Mapping[str, Any]]:
    weighed, left = Q(gross_kg__isnull=False, tare_kg__isnull=False), Q(started_at__isnull=False)
    net = F("gross_kg") - F("tare_kg")
    rows = Challan.objects.filter(
        lease__in=[lease.pk for lease in leases], issued_at__gte=since, issued_at__lt=until, state__in=_COUNTED
    ).order_by()
    sums = {
        "n": Count("pk"),
        "left": Count("pk", filter=left),
        "net": Sum(Case(When(weighed, then=net))),
        "by_volume": Sum("quantity_m3", filter=~weighed),
        "left_net": Sum(Case(When(weighed & left, then=net))),
        "left_by_volume": Sum("quantity_m3", filter=left & ~weighed),
    }
    result: Iterable[Mapping[str, Any]] = (
        rows.annotate(day=TruncDate("issued_at", tzinfo=INDIA)).values("lease_id", "day").annotate(**sums)
    )
    return result


def balance_days(*, at: datetime) -> int:
    """Once a morning: the day before of each ghat with a weighbridge; tells where it parts, and where it agrees."""
    try:
        hour = int(book().value("WB-27", at)["at_hour"])
    except NotInForce:
        return 0
    day = india_day(at - timedelta(hours=hour)) - timedelta(days=1)
    if known_position(_CURSOR) >= day.toordinal():
        return 0
    rows = balances(balanced_leases(), first=day, last=day)
    with transaction.atomic():
        if cursor_position(_CURSOR) >= day.toordinal():
            return 0
        handled = each(_CURSOR, rows, lambda row: _tell(row, at=at), name=lambda row: row.lease.number)
        move_cursor(_CURSOR, day.toordinal())
    return handled


def _tell(row: DayBalance, *, at: datetime) -> bool:
    finding, block = row.finding(at), row.lease.block
    if finding is None and not row.challans:
        return False
    kind: type[BalanceNews] = BalanceParted if finding else BalanceAgreed
    named = {"ghat": {"en": block.name_en, "hi": block.name_hi}, "day": row.day, "percent": row.apart_percent}
    tonnes = {
        "bridge_t": round(row.bridge_kg / 1000, 1),
        "challan_t": round(row.challan_kg / 1000, 1),
        "trip_t": round(row.trip_kg / 1000, 1),
    }
    news = kind(lease=row.lease.number, district=row.lease.district, **named, **tonnes)
    return emit(news, subject=("lease", row.lease.number), at=at, key=f"{kind.KIND}:{row.lease.number}:{row.day}")
