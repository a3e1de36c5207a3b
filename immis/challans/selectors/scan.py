"""Checks that officers made on the road."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from immis.challans.models import Challan, CheckPostScan
from immis.challans.selectors.challan import scans_for
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound


def scans_of_vehicle(registration: str, *, at: datetime, within: timedelta) -> QuerySet[CheckPostScan]:
    """Checks of a vehicle at check posts near an instant, for a rule to judge by."""
    return CheckPostScan.objects.filter(registration=registration, at__gte=at - within, at__lte=at + within)


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


def scan_before(challan: Challan, *, at: datetime) -> CheckPostScan | None:
    """The last check of a challan at a known place before an instant."""
    return challan.scans.select_related("office").filter(at__lte=at, lat__isnull=False).first()
