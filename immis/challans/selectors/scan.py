"""Checks that officers made on the road."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet

from immis.challans.models import Challan, CheckPostScan
from immis.challans.selectors.challan import scans_for
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.written import question
from immis.rules.land.geometry import distance_m
from immis.rules.policy import NotInForce, book
from immis.tracking import selectors as tracking


def scans_of_vehicle(registration: str, *, at: datetime, within: timedelta) -> QuerySet[CheckPostScan]:
    """Checks of a vehicle at check posts near an instant, for a rule to judge by."""
    return CheckPostScan.objects.filter(registration=registration, at__gte=at - within, at__lte=at + within)


def held_check(registration: str, *, at: datetime) -> CheckPostScan | None:
    """The check at which a vehicle was held, where no officer has let it go since."""
    last = _settled_last.first(registration=registration, at=at)
    return last if last and last.outcome == CheckPostScan.HELD else None


@question
def _settled_last(registration: str, at: datetime) -> QuerySet[CheckPostScan]:
    settled = CheckPostScan.objects.select_related("office").filter(registration=registration, at__lte=at)
    return settled.exclude(outcome="").order_by("-at", "-pk")[:1]


def scans(viewer: Actor, *, since: datetime) -> QuerySet[CheckPostScan]:
    """Checks made since an instant that a post may see."""
    with_challan = ("office", "challan__lease__block", "challan__place", "challan__vehicle")
    return scans_for(viewer).filter(at__gte=since).select_related(*with_challan)


def scan_of(pk: int, viewer: Actor) -> CheckPostScan:
    """One check. Raises NotFound where there is none that this post may see."""
    scan = scans_for(viewer).select_related("office").filter(pk=pk).first()
    if scan is None:
        raise NotFound(f"check {pk}")
    return scan


def locked_scan(pk: int, viewer: Actor) -> CheckPostScan:
    """One check, held until the transaction ends. Raises NotFound where there is none that this post may see."""
    scan = scans_for(viewer).select_for_update(of=("self",)).filter(pk=pk).first()
    if scan is None:
        raise NotFound(f"check {pk}")
    return scan


def scans_of(challan: Challan) -> QuerySet[CheckPostScan]:
    """Checks of one challan, newest first. The caller has checked that the viewer may see it."""
    return challan.scans.select_related("office")


def scans_beside(scan: CheckPostScan) -> list[CheckPostScan]:
    """The checks of the same challan at known places just before and just after one: it may have been sent late."""
    if scan.lat is None or scan.challan_id is None:
        return []
    rows = CheckPostScan.objects.select_related("office").filter(challan_id=scan.challan_id, lat__isnull=False)
    rows = rows.exclude(pk=scan.pk)
    before = rows.filter(at__lte=scan.at).order_by("-at", "-pk").first()
    after = rows.filter(at__gt=scan.at).order_by("at", "pk").first()
    return [row for row in (before, after) if row]


def seen_before(scan: CheckPostScan) -> list[CheckPostScan]:
    """The checks of the same challan before one, newest first; at most five, whoever made them."""
    if scan.challan_id is None:
        return []
    rows = CheckPostScan.objects.select_related("office").filter(challan_id=scan.challan_id, at__lte=scan.at)
    return list(rows.exclude(pk=scan.pk).order_by("-at", "-pk")[:5])


def passed_at(scan: CheckPostScan) -> datetime | None:
    """When the vehicle was last at this check post before a check of its challan, by a check or by its device.

    None where its device is there now, or where it never was.
    """
    challan, within_m = scan.challan, int(_passing(scan.at))
    if challan is None or scan.lat is None or scan.lon is None:
        return None
    here = (scan.lat, scan.lon)
    fix = tracking.position_at(challan.imei, scan.at)
    if fix and distance_m(*here, fix.lat, fix.lon) <= within_m:
        return None
    track = tracking.points(challan.imei, start=challan.issued_at, end=scan.at)
    times = [point.at for point in track if point.at < scan.at and distance_m(*here, point.lat, point.lon) <= within_m]
    checks = CheckPostScan.objects.filter(challan=challan, at__lt=scan.at, office_id=scan.office_id)
    times += [row.at for row in checks.exclude(pk=scan.pk).exclude(office_id=None).order_by("-at")[:1]]
    return max(times, default=None)


def _passing(at: datetime) -> float:
    try:
        return float(book().value("MOV-62", at)["near_m"])
    except NotInForce:
        return 0.0


def device_unchecked() -> list[tuple[int, str, datetime]]:
    """Checks whose place was not yet compared with where the vehicle's device was: key, device, instant."""
    rows = CheckPostScan.objects.filter(device_checked_at=None, challan__isnull=False, lat__isnull=False)
    return list(rows.order_by("pk").values_list("pk", "challan__imei", "at"))


def scans_with(keys: Collection[int]) -> list[CheckPostScan]:
    """Checks by their keys, oldest first, with all that belongs to them: for jobs."""
    rows = CheckPostScan.objects.select_related("office", "challan__lease__block", "challan__party", "challan__place")
    return list(rows.select_related("challan__vehicle").filter(pk__in=keys).order_by("pk")) if keys else []


def of_phone(user_id: int | None, mark: str) -> CheckPostScan | None:
    """The check that a phone's own number names, of one officer."""
    return CheckPostScan.objects.filter(user_id=user_id, mark=mark).first() if mark else None
