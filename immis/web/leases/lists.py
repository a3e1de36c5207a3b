"""Where settlements, ghats, holds and prices stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

_PARTS = {
    "lease_statement": _("Statement of account"),
    "lease_clearances": _("Plan, EC and consents"),
    "lease_mails": _("Letters"),
}
LISTS = (
    Way(
        "office_leases",
        _("Settlements"),
        "officer.mining",
        10,
        record=("office_lease",),
        parts={
            **_PARTS,
            "office_lease_life": _("Orders and notices"),
            "office_suspend": _("Suspend the hold"),
            "office_register": _("Cheques and taxes"),
            "office_party": _("Settlee"),
        },
        nouns=("lease",),
    ),
    Way("office_ghats", _("Ghats on record"), "officer.mining", 50, record=("office_ghat",), nouns=("ghat",)),
    Way("office_prices", _("Prices of sand"), "officer.mining", 70, nouns=("price",)),
    Way("office_takeovers", _("Settlements taken over"), "officer.mining", 80),
    Way(
        "office_holds",
        _("Holds"),
        "officer.enforcement",
        20,
        record=("office_hold", "office_suspension"),
        nouns=("hold", "suspension"),
    ),
    Way("settlee_today", _("Today"), "party.today", 10),
    Way(
        "settlee_home",
        _("My settlements"),
        "party.leases",
        10,
        record=("settlee_lease",),
        parts={
            **_PARTS,
            "settlee_lease_life": _("Orders and notices"),
            "lease_claim": _("Claim a loss"),
            "settlee_returns": _("Money on account"),
        },
        nouns=("lease",),
    ),
    Way("schedule_flow", _("Schedule of an e-auction"), "public.auctions", 50),
)
