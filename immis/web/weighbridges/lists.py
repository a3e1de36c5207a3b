"""Where weighbridges stand among the ways through the house."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Form, Way

_BRIDGES = Way(
    "weighbridges",
    _("Weighbridges"),
    "officer.movement",
    90,
    record=("weighbridge",),
    parts={"weighbridge_fault_new": _("Report a fault"), "weighbridge_by_hand_new": _("Weights by hand")},
    forms=(Form("weighbridge_new", _("Apply for a weighbridge"), verb="ask"),),
    nouns=("weighbridge",),
    called="weighbridge",
)
LISTS = (
    _BRIDGES,
    replace(_BRIDGES, group="party.leases", rank=90),
    Way("weighbridge_kit", _("For makers of weighbridge software"), "public.help", 60),
    Way("weighbridge_board", _("Weighbridges now"), "officer.movement", 91),
    Way("weighbridge_balance", _("Balance of weighbridges"), "officer.boards", 61, record=("weighbridge_balance_of",)),
    Way("weighbridge_coverage", _("Coverage of weighbridges"), "officer.boards", 60),
)
