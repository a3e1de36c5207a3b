"""Transit passes, parties of other States and the orders of the switch as nouns: how each is found, and its pages."""

from operator import attrgetter

from immis.core.nouns import Noun, Page, declare_noun
from immis.transit import checks, selectors

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
