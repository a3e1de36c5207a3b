"""Where the installation itself stands among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

LISTS = (
    Way("installation", _("Installation"), "officer.office", 120),
    Way("office_capacity", _("Sizing proposal"), "officer.boards", 90),
    Way("first_start", _("First start"), "own.way", 95),
)
