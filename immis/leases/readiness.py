"""Whether proposals for clearances are followed."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from immis.core.installation.readiness import Check, Finding, declare


def _parivesh(at: datetime) -> Finding:
    return Finding("set" if settings.PARIVESH_URL else "missing", settings.PARIVESH_URL)


declare(
    Check(
        "parivesh",
        _("PARIVESH"),
        _("Without it nobody is told when an environmental clearance moves; its dates are entered by hand."),
        "IMMIS_PARIVESH_URL",
        _parivesh,
    )
)
