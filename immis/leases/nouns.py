"""A settlement as a noun: its record, its name, and the pages that show it and draw its acts."""

from operator import attrgetter

from immis.core.nouns import Noun, declare_noun
from immis.leases import selectors
from immis.ledger.nouns import settlement_page

declare_noun(
    Noun(
        name="lease",
        find=selectors.lease_of,
        number=lambda lease: lease.number,
        title=selectors.ghat_name_of,
        pages={
            "path": ("office_lease",),
            "life": ("office_lease_life", "settlee_lease_life"),
            "suspend": ("office_suspend",),
            "clearances": ("lease_clearances",),
            "returns": ("settlee_returns",),
            "register": ("office_register",),
            "challan": ("challan_new",),
        },
        address="leases",
        page=settlement_page,
    )
)
declare_noun(Noun("price", number=attrgetter("number"), pages={"prices": ("office_prices",)}, address="prices"))
declare_noun(Noun("proposal", page=settlement_page))
