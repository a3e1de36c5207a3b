"""Where transit passes of other States stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Form, Way

_REPORT = {"office_istp_report": _("Report by State")}
_PASS = _("Ask for a transit pass")
_REGISTER = _("Register as a party of another State")
LISTS = (
    Way(
        "office_istp",
        _("Transit passes (ISTP)"),
        "officer.movement",
        22,
        record=("istp_pass",),
        parts=_REPORT,
        nouns=("istp",),
    ),
    Way(
        "office_istp_parties",
        _("Parties of other States"),
        "officer.movement",
        24,
        record=("istp_party",),
        nouns=("istp_party",),
    ),
    Way("office_istp_status", _("Switch and readiness (ISTP)"), "officer.movement", 26, nouns=("istp_order",)),
    Way(
        "istp_own",
        _("Transit passes (ISTP)"),
        "party.challans",
        20,
        record=("istp_pass",),
        parts={"istp_party": _("Registration")},
        forms=(Form("istp_new", _PASS), Form("istp_register", _REGISTER)),
        nouns=("istp",),
    ),
    Way("istp", _("Transit passes (ISTP)"), "public.check", 20),
)
