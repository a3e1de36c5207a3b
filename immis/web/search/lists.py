"""Where the search stands among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

LISTS = (
    Way("search", _("Search"), "own.way", 10),
    Way("new_things", _("Start new"), "own.way", 20),
    Way("more", _("Everything"), "own.way", 30),
)
