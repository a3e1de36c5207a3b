"""Where e-challans, their check and the check post stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

_PARTS = {"challan_cancel": _("Cancel")}
_CHECK = {"pass_checker": _("Check without a network")}
_SLIP = {"driver_slip": _("Slip (58 mm)")}
LISTS = (
    Way(
        "office_challans",
        _("E-challans"),
        "officer.movement",
        10,
        record=("challan",),
        parts=_PARTS,
        nouns=("challan",),
    ),
    Way("may_load", _("May this vehicle load?"), "officer.movement", 15),
    Way("checkpost", _("Check post"), "officer.enforcement", 40, record=("checkpost_scan",), nouns=("scan",)),
    Way("gate_log", _("Gate log"), "officer.enforcement", 42),
    Way("office_checkposts", _("Check posts by order"), "officer.enforcement", 45),
    Way("verify", _("Check an e-challan"), "officer.enforcement", 50, parts=_CHECK),
    Way(
        "settlee_challans",
        _("E-challans"),
        "party.challans",
        10,
        record=("challan",),
        parts={**_PARTS, "challan_new": _("Issue an e-challan"), "challan_gate": _("At the ghat now")},
        nouns=("challan",),
    ),
    Way("may_load", _("May this vehicle load?"), "party.challans", 15),
    Way("owner_passes", _("E-challans of my vehicles"), "party.vehicles", 5),
    Way("verify", _("Check an e-challan"), "public.check", 10, record=("driver_pass",), parts={**_CHECK, **_SLIP}),
)
