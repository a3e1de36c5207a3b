"""Transit passes, parties of other States and the orders of the switch as nouns: how each is found, and its pages."""

from operator import attrgetter

from immis.core.nouns import Noun, Page, declare_noun
from immis.search.declared import Handles, Searched, declare_search
from immis.transit import checks, selectors
from immis.transit.models import Registration, TransitPass

__all__ = ["checks"]

declare_noun(
    Noun(
        "istp",
        find=selectors.pass_of,
        number=attrgetter("number"),
        pages={"pass": ("istp_pass",), "new": ("istp_new",)},
        address="istp",
        page=lambda number, facts: Page("istp_pass", (number,)),
    )
)
declare_noun(
    Noun(
        "istp_party",
        find=selectors.registration_of,
        number=attrgetter("number"),
        pages={"party": ("istp_party",), "new": ("istp_register",)},
        address="istp-parties",
        page=lambda number, facts: Page("istp_party", (number,)),
    )
)


declare_noun(
    Noun(
        "istp_order",
        find=selectors.order_of,
        number=attrgetter("number"),
        district=lambda row: None,  # an order is the State's
        pages={"status": ("office_istp_status",)},
        address="istp-orders",
        page=lambda number, facts: Page("office_istp_status"),
    )
)


def _handles(row: TransitPass) -> Handles:
    return Handles(
        (row.consignor, row.consignee),
        (row.number,),
        related=(row.vehicle.registration, row.origin_number),
        secrets={"phone": [row.driver_phone] if row.driver_phone else []},
        districts=[row.district],
        party_id=row.party_id,
    )


def _party_handles(row: Registration) -> Handles:
    names = (row.party.name_en, row.party.name_hi)
    return Handles(names, (row.number,), related=(row.licence_no,), districts=[row.district], party_id=row.party_id)


declare_search(
    Searched(
        "istp",
        "tp",
        records=lambda: TransitPass.objects.select_related("vehicle").order_by("pk"),
        by="number",
        handles=_handles,
        grant="istp.read",
        secrets_for="istp.read",
        by_whole_number=True,
    )
)
declare_search(
    Searched(
        "istp_party",
        "ty",
        records=lambda: Registration.objects.select_related("party").order_by("pk"),
        by="number",
        handles=_party_handles,
        grant="istp.read",
    )
)
