"""What the ledger's records are called: how each is found by its number, and the pages that show it and its acts."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from immis.core.nouns import Noun, Page, declare_noun
from immis.ledger import selectors
from immis.ledger.selectors import refunds


def settlement_page(number: str, facts: Mapping[str, Any]) -> Page:
    """The page of the settlement that a record hangs on."""
    return Page("office_lease", (str(facts.get("lease") or facts.get("subject_id") or number),))


declare_noun(
    Noun(
        "demand",
        find=selectors.demand_of,
        number=attrgetter("number"),
        pages={"office": ("office_demand",), "pay": ("pay",)},
        address="demands",
        page=settlement_page,
    )
)
declare_noun(
    Noun(
        "receipt",
        find=selectors.receipt_of,
        number=attrgetter("number"),
        district=attrgetter("demand.district"),
        pages={"office": ("office_payment",)},
        address="receipts",
        page=lambda number, facts: Page("office_payment", (number,)),
    )
)
declare_noun(
    Noun(
        "refund",
        find=refunds.refund_of,
        number=attrgetter("number"),
        pages={"office": ("office_refund",)},
        address="refunds",
        page=lambda number, facts: Page("office_refunds", query="state=failed"),
    )
)
declare_noun(
    Noun(
        "claim",
        find=refunds.claim_of,
        number=attrgetter("number"),
        pages={"office": ("office_claim",)},
        address="claims",
        page=lambda number, facts: Page("office_claim", (number,)),
    )
)
declare_noun(Noun("scroll", page=lambda number, facts: Page("office_scroll", (number,))))
declare_noun(Noun("treasury"))
