"""What weighbridges keep no longer: what load cells and readers said, and no weighment was compared with."""

from datetime import datetime, timedelta

from immis.core.retention import delete_oldest
from immis.rules.policy import book
from immis.weighbridges.models import CellReport, Sighting


def forget_sightings(*, at: datetime) -> int:
    """Delete what readers and load cells said past the days of the policy (RET-23); answers how much.

    The newest word of load cells stays: it marks how far their feed was read.
    """
    before = at - timedelta(days=int(book().value("RET-23", at)))
    newest = CellReport.objects.order_by("-pk").values_list("pk", flat=True).first()
    lone = CellReport.objects.filter(reading__isnull=True).exclude(pk=newest)
    rows = delete_oldest(Sighting.objects.all(), field="taken_at", before=before)
    return rows + delete_oldest(lone, field="taken_at", before=before)
