"""Whether devices and drivers' phones reach the gateway."""

import ipaddress
import socket
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from immis.core.installation.readiness import Check, Finding, declare

_PATIENCE_S = 3


def _only_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost")


def _devices(at: datetime) -> Finding:
    host = settings.GATEWAY_LISTEN.rpartition(":")[0].strip("[]")
    return Finding("missing" if _only_here(host) else "set", settings.GATEWAY_LISTEN)


def _phones(at: datetime) -> Finding:
    host = urlsplit(settings.PHONE_URL).hostname or ""
    return Finding("missing" if _only_here(host) or host == "0.0.0.0" else "set", settings.PHONE_URL)


def _reach_gateway() -> None:
    host, _colon, port = settings.GATEWAY_LISTEN.rpartition(":")
    own = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}.get(host, host.strip("[]"))
    socket.create_connection((own, int(port)), timeout=_PATIENCE_S).close()


declare(
    Check(
        "devices",
        _("Address of the gateway for devices"),
        _("On an address of this machine alone no vehicle reports, and no e-challan is issued where GPS is a must."),
        "IMMIS_GATEWAY_LISTEN",
        _devices,
        needed=True,
        attempt=_reach_gateway,
    ),
    Check(
        "phones",
        _("Address for drivers' phones"),
        _("Without one that the mobile network reaches no phone can stand in for a device that failed."),
        "IMMIS_PHONE_URL",
        _phones,
    ),
)
