"""What weighbridges weighed in sum: loads and kilograms of a settlement's days, each load once."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Subquery, Sum
from django.db.models.functions import TruncDate

from immis.rules.calendar import INDIA
from immis.rules.policy import book
from immis.weighbridges.models import Reading


def weighed_loads(leases: Collection[int], *, since: datetime, until: datetime) -> Iterable[tuple[int, date, int, int]]:
    """Settlement, day, how many loads, how many kilograms: laden less empty weight of what may be trusted.

    A truck that is weighed again within the minutes of WB-20 counts with its last weight.
    """
    again = timedelta(minutes=int(book().value("WB-20", until)["gross_minutes"]))
    trusted = Reading.objects.filter(plate=OuterRef("plate"), stops=False)
    later = trusted.filter(
        kind="gross", bridge=OuterRef("bridge"), pk__gt=OuterRef("pk"), weighed_at__lt=OuterRef("weighed_at") + again
    )
    empty = trusted.filter(kind="tare", pk__lt=OuterRef("pk")).order_by("-id").values("weight_kg")[:1]
    rows = (
        Reading.objects.filter(
            bridge__lease__in=leases, kind="gross", stops=False, weighed_at__gte=since, weighed_at__lt=until
        )
        .filter(~Exists(later))
        .annotate(empty=Subquery(empty), day=TruncDate("weighed_at", tzinfo=INDIA))
        .filter(empty__isnull=False, weight_kg__gt=F("empty"))
    )
    sums = rows.order_by().values("bridge__lease", "day").annotate(n=Count("pk"), kg=Sum(F("weight_kg") - F("empty")))
    return sums.values_list("bridge__lease", "day", "n", "kg")
