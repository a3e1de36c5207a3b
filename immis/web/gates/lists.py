"""Where passes of an outage and the uptime of the service stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

_APP = {"gate_app": _("Page of the gate")}
LISTS = (
    Way("offline_quotas", _("Outages: gates"), "officer.movement", 15, record=("offline_quota",)),
    Way("offline_quotas", _("In an outage"), "party.challans", 20, record=("offline_quota",), parts=_APP),
    Way("uptime", _("Uptime and outages"), "public.help", 40, parts=_APP),
)
