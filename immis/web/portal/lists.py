"""Where the first page, help, open data and the action log stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

LISTS = (
    Way("home", _("Ghats and prices"), "public.ghats", 10, record=("ghat",), called="ghat"),
    Way("help", _("Help"), "public.help", 10),
    Way("data_index", _("Open data"), "public.help", 20, record=("register_public",), called="register"),
    Way("log", _("Action log"), "officer.office", 130),
)
