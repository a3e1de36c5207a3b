"""Where payments, dues, claims and scrolls stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

_UNVERIFIED = "immis.ledger.selectors:unverified_receipt_count"
LISTS = (
    Way(
        "office_payments",
        _("Payments"),
        "officer.money",
        10,
        record=("office_payment",),
        parts={"office_propose_return": _("Propose the return")},
        nouns=("receipt",),
        count=_UNVERIFIED,
    ),
    Way("office_dues", _("Dues"), "officer.money", 20),
    Way("office_defaulters", _("Defaulters"), "officer.money", 30),
    Way("office_demands", _("Demands"), "officer.money", 40, record=("office_demand",), nouns=("demand",)),
    Way("office_claims", _("Claims"), "officer.money", 50, record=("office_claim",), nouns=("claim",)),
    Way("office_refunds", _("Returns of money"), "officer.money", 60, record=("office_refund",), nouns=("refund",)),
    Way(
        "office_scrolls",
        _("Scrolls of the treasury"),
        "officer.money",
        70,
        record=("office_scroll",),
        parts={"office_scroll_line": _("One line")},
    ),
    Way(
        "settlee_payments",
        _("Payments"),
        "party.payments",
        10,
        record=("pay",),
        nouns=("demand",),
    ),
)
