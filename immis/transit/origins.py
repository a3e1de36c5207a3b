"""Which machine of a State of origin answers here: its public key, its portal, both or none (settings)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from immis.adapters.origins.http_client import HttpOrigin
from immis.adapters.origins.port import Origin, OriginForged, OriginRecord, OriginSilent, OriginUnknown
from immis.adapters.origins.signature import SignedOrigin, key_file
from immis.core.access.outside import asking_outside
from immis.rules.writing.texts import texts

SIGNATURE, PORTAL, PAPER = "signature", "portal", "paper"


@dataclass(frozen=True)
class Said:
    """What a machine of the origin said of a challan: by which way, its record, or the fault that stops the pass."""

    how: str
    record: OriginRecord | None = None
    fault: str = ""


@cache
def _portals(text: str) -> Mapping[str, str]:
    """``JH=https://…,UP=https://…`` as State and address; what is no State is left out."""
    pairs = (part.partition("=") for part in text.split(","))
    rows = {name.strip().upper(): url.strip() for name, _sign, url in pairs}
    return {name: url for name, url in rows.items() if name in texts("transit/states") and url}


def portals() -> Mapping[str, str]:
    """The portals that answer here, by State."""
    return _portals(settings.ISTP_PORTALS)


def keys() -> list[str]:
    """The States whose signatures can be checked here."""
    if not settings.ISTP_KEYS:
        return []
    return [code for code in texts("transit/states") if key_file(settings.ISTP_KEYS, code).is_file()]


def portal_of(state_code: str) -> Origin | None:
    """The portal of a State; None where none is named."""
    url = portals().get(state_code)
    return HttpOrigin(url, settings.ISTP_PORTAL_KEY) if url else None


def ask_origin(state_code: str, number: str, signed_text: str) -> Said:
    """Have a challan checked by machine: by its signature, else at the portal, else not at all (``paper``).

    A portal that does not answer is none: the paper is looked at. Called outside any transaction.
    """
    if signed_text.strip() and state_code in keys():
        return _by_signature(state_code, signed_text)
    portal = portal_of(state_code)
    return _at_portal(portal, number) if portal else Said(PAPER)


def _by_signature(state_code: str, text: str) -> Said:
    try:
        record = SignedOrigin(key_file(settings.ISTP_KEYS, state_code).read_bytes()).read(text)
    except (OriginForged, OSError):
        return Said(SIGNATURE, fault="forged")
    return Said(SIGNATURE, record, "cancelled" if record.cancelled else "")


def _at_portal(portal: Origin, number: str) -> Said:
    try:
        with asking_outside():
            record = portal.challan(number)
    except OriginUnknown:
        return Said(PORTAL, fault="unknown")
    except OriginSilent:
        return Said(PAPER)
    return Said(PORTAL, record, "cancelled" if record.cancelled else "")
