"""A process that posts payments until it is killed; it says what was committed, one receipt a line."""

import sys

import django

django.setup()

from django.db import transaction  # noqa: E402

from immis.adapters.treasury.port import Standing  # noqa: E402
from immis.core.access.permissions import SYSTEM  # noqa: E402
from immis.ledger.models import Demand, Receipt  # noqa: E402
from immis.ledger.services import note_payment  # noqa: E402
from immis.ledger.services.allocation import post_receipt  # noqa: E402
from tests.settlement import india  # noqa: E402

AT = india("2026-06-08")


def post(number: str) -> None:
    """Verify one payment as the district does, and take every third one back."""
    receipt = Receipt.objects.get(number=number)
    standing = Standing(receipt.grn, number, "paid", 70_000, "1", "U")
    note_payment(standing=standing, source="webhook", at=AT)
    with transaction.atomic():
        demand = Demand.objects.select_for_update().get(pk=receipt.demand_id)
        receipt = Receipt.objects.select_for_update().get(number=number)
        if receipt.state == "paid_unverified":
            receipt.demand, receipt.state, receipt.verified_at = demand, "verified", AT
            receipt.save()
            post_receipt(receipt, by=SYSTEM, at=AT)
    if int(number.rpartition("-")[2]) % 3 == 0:
        back = Standing(receipt.grn, number, "reversed", 70_000, "1", "U")
        note_payment(standing=back, source="webhook", at=AT)


for line in sys.argv[1].split(","):
    post(line)
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
