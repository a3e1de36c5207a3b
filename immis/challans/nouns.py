"""E-challans and their checks as nouns: how each is found by its number, and the pages that show it and its acts."""

from operator import attrgetter

from immis.challans import selectors
from immis.challans.models import Challan, CheckPostScan
from immis.core.access.permissions import Actor
from immis.core.nouns import Noun, Page, declare_noun
from immis.reading import whole_number
from immis.search.declared import Handles, Searched, declare_search


def _scan(number: str, by: Actor) -> CheckPostScan:
    return selectors.scan_of(whole_number(number) or 0, by)


declare_noun(
    Noun(
        "challan",
        find=selectors.challan_of,
        number=attrgetter("number"),
        district=attrgetter("lease.district"),
        pages={"challan": ("challan",)},
        address="challans",
        page=lambda number, facts: Page("challan", (number,)),
    )
)
declare_noun(
    Noun(
        "scan",
        find=_scan,
        number=lambda scan: str(scan.pk),
        district=lambda scan: None,  # an office sees its own
        pages={"checkpost": ("checkpost",), "verdict": ("checkpost_scan",)},
        address="scans",
    )
)


def _handles(challan: Challan) -> Handles:
    return Handles(
        numbers=(challan.number,),
        related=(challan.vehicle.registration,),
        secrets={"phone": [phone for phone in (challan.driver_phone, challan.buyer_phone) if phone]},
        districts=[challan.lease.district],
        party_id=challan.party_id,
    )


declare_search(
    Searched(
        "challan",
        "ch",
        records=lambda: Challan.objects.select_related("vehicle", "lease").order_by("pk"),
        by="number",
        handles=_handles,
        grant="challan.read",
        secrets_for="challan.read",
        by_whole_number=True,
    )
)
