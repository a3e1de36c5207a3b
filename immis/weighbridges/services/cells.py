"""Taking what trucks' load cells say, and comparing it with their weighments, whichever comes first (E-157)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from immis.adapters.loadcells.http_client import HttpLoadCells
from immis.adapters.loadcells.port import CellWeight, LoadCells
from immis.registry.selectors import devices
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book
from immis.rules.weighbridges.cells import CellFacts
from immis.weighbridges.models import CellReport, Reading
from immis.weighbridges.services.alarms import tell


def load_cells() -> LoadCells | None:
    """The feed of this installation; None where none is named (``IMMIS_LOADCELLS_URL``)."""
    return HttpLoadCells(settings.LOADCELLS_URL, settings.LOADCELLS_KEY) if settings.LOADCELLS_URL else None


def last_mark() -> str:
    """How far the feed was read."""
    return CellReport.objects.order_by("-id").values_list("mark", flat=True).first() or ""


@transaction.atomic
def take_weights(rows: Sequence[CellWeight], *, at: datetime) -> int:
    """Keep what load cells said, each once, and compare it with the weighment near it; answers how many were new."""
    known = set(CellReport.objects.filter(mark__in=[row.mark for row in rows]).values_list("mark", flat=True))
    marks = {row.imei: row.vehicle.registration for row in devices(imei__in={row.imei for row in rows}) if row.vehicle}
    new = [row for row in rows if row.mark not in known]
    for row in new:
        report = CellReport.objects.create(
            mark=row.mark, imei=row.imei, plate=marks.get(row.imei, ""), at=row.at, kg=row.kg, axles=list(row.axles),
            poor=row.poor, raw=dict(row.raw), taken_at=at,
        )  # fmt: skip
        if reading := _weighed_near(report):
            findings = compared(reading, report, at=at)
            note_compared(report, reading, findings)
            tell(reading.bridge, reading, findings, at=at)
    return len(new)


def _span(at: datetime) -> timedelta:
    return timedelta(minutes=int(book().value("WB-28", at)["minutes"]))


def _weighed_near(report: CellReport) -> Reading | None:
    span = _span(report.at)
    near = Reading.objects.filter(
        plate=report.plate, kind="gross", weighed_at__range=(report.at - span, report.at + span)
    )
    return near.select_related("bridge").order_by("-id").first() if report.plate else None


def report_near(reading: Reading) -> CellReport | None:
    """What the truck's load cells said nearest to a laden weighment; None where they said nothing near it."""
    if reading.kind != "gross" or not reading.plate:
        return None
    span, at = _span(reading.weighed_at), reading.weighed_at
    rows = CellReport.objects.filter(plate=reading.plate, at__range=(at - span, at + span))
    return min(rows, key=lambda row: abs(row.at - at), default=None)


def compared(reading: Reading, report: CellReport, *, at: datetime) -> list[Finding]:
    """What the rules say of a weighment beside what the truck's load cells said."""
    facts = CellFacts(
        reading.bridge.number, reading.counter, reading.plate, reading.weighed_at, reading.weight_kg, report.kg,
        report.poor,
    )  # fmt: skip
    return find("weighbridge.load_cell", facts, policy=book(), at=at)


def note_compared(report: CellReport, reading: Reading, findings: Sequence[Finding]) -> None:
    """The report keeps with which weighment it was compared, and whether they part."""
    report.reading, report.parted = reading, bool(findings)
    report.save(update_fields=["reading", "parted"])
