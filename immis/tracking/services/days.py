"""Counting what each device sent in a day."""

from datetime import date

from django.db import transaction

from immis.tracking import gateway
from immis.tracking.models import DeviceDay

_COUNTS = ("imei", "frames", "bad", "no_fix", "late", "clock_error_s")


@transaction.atomic
def count_day(day: date) -> int:
    """Count the stored packets of a day by device, in place of what was counted before; answers how many devices."""
    rows = [DeviceDay(day=day, **{name: row[name] for name in _COUNTS}) for row in gateway.day_counts(day)]
    DeviceDay.objects.bulk_create(
        rows, batch_size=2000, update_conflicts=True, unique_fields=["imei", "day"],
        update_fields=[name for name in _COUNTS if name != "imei"],
    )  # fmt: skip
    return len(rows)
