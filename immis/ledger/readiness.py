"""Whether money can come in."""

import socket
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from immis.adapters.treasury.vendors import VENDORS
from immis.core.installation.readiness import Check, Finding, declare

_PATIENCE_S = 5


def _treasury(at: datetime) -> Finding:
    where = urlsplit(settings.TREASURY_URL)
    if where.hostname in (None, "127.0.0.1", "localhost", "::1"):  # a simulator of this machine
        return Finding("missing", settings.TREASURY_URL)
    if settings.TREASURY_VENDOR not in VENDORS:
        return Finding("missing", settings.TREASURY_VENDOR)
    return Finding("set" if settings.TREASURY_KEY else "missing", settings.TREASURY_URL)


def _reach_treasury() -> None:
    where = urlsplit(settings.TREASURY_URL)
    port = where.port or (443 if where.scheme == "https" else 80)
    socket.create_connection((where.hostname or "", port), timeout=_PATIENCE_S).close()


def _upi(at: datetime) -> Finding:
    return Finding("set" if settings.UPI_VPA else "missing", settings.UPI_VPA)


declare(
    Check(
        "treasury",
        _("Treasury"),
        _("Without it nobody can pay by a page. Payments come in by the treasury's scroll alone, a day later."),
        "IMMIS_TREASURY_URL, IMMIS_TREASURY_KEY, IMMIS_TREASURY_VENDOR",
        _treasury,
        needed=True,
        attempt=_reach_treasury,
    ),
    Check("upi", _("UPI address"), _("Without it demands carry no QR code for paying."), "IMMIS_UPI_VPA", _upi),
)
