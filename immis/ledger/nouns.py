"""What the ledger's records are called: how each is found by its number, and the pages that show it and its acts."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from immis.core.nouns import Noun, Page, declare_noun
from immis.ledger import selectors
from immis.ledger.models import Demand, Receipt
from immis.ledger.selectors import refunds
from immis.search.declared import Handles, Searched, declare_search


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


def _demand(demand: Demand) -> Handles:
    reach = {"districts": [demand.district] if demand.district else (), "party_id": demand.party_id}
    return Handles(numbers=(demand.number,), related=(demand.subject_id,), **reach)


def _receipt(receipt: Receipt) -> Handles:
    demand = receipt.demand
    return Handles(
        numbers=(receipt.number, receipt.grn or "", receipt.bank_ref),
        districts=[demand.district] if demand.district else (),
        party_id=demand.party_id,
    )


declare_search(
    Searched("demand", "dm", lambda: Demand.objects.all(), "number", _demand, "demand.read", by_whole_number=True)
)
declare_search(
    Searched(
        "receipt",
        "rc",
        lambda: Receipt.objects.select_related("demand"),
        "number",
        _receipt,
        "receipt.read",
        by_whole_number=True,
    )
)
