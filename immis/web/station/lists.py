"""Where the page beside a scale stands among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

LISTS = (
    Way("weighbridge_station", _("Gate: scale and e-challan"), "party.challans", 12),
    Way("weighbridge_station", _("Weighing at the scale"), "officer.movement", 95),
)
