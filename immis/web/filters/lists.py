"""Where kept filters stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

LISTS = (Way("kept_filters", _("My filters"), "own.account", 50, parts={"kept_filter_forget": _("Remove")}),)
