"""Where the declared registers stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

_PARTS = {
    "register_new": _("New entry"),
    "register_import": _("Take in a file"),
    "register_duties": _("What is owed by when"),
    "register_figures": _("Figures"),
    "entry": _("Entry"),
    "entry_act": _("Entry"),
    "things": _("Registers of things"),
    "sheets": _("Sheets"),
    "sheet": _("Sheet"),
}
LISTS = (
    Way("registers", _("Registers"), "officer.office", 10, record=("register",), parts=_PARTS, called="register"),
    Way("registers", _("Registers"), "party.firm", 20, record=("register",), parts=_PARTS, called="register"),
)
