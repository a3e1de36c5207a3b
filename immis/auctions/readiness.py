"""Whether auctions can be held and published."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from immis.core.installation.readiness import Check, Finding, declare


def _seal(at: datetime) -> Finding:
    path = Path(settings.SEALING_KEYS or settings.DATA / "keys" / "sealing.json")
    return Finding("set" if path.is_file() else "weak", str(path))


def _roots(at: datetime) -> Finding:
    count = sum(1 for path in settings.DSC_ROOTS.glob("*") if path.suffix.lower() in (".pem", ".crt", ".cer"))
    return Finding("set" if count else "missing", f"{settings.DSC_ROOTS}: {count}")


def _eproc(at: datetime) -> Finding:
    keys = len(settings.EPROC_PUBLIC_KEYS) + bool(settings.EPROC_SHARED_KEY)
    return Finding("set" if keys else "missing", str(keys))


def _prefix(at: datetime) -> Finding:
    own = settings.OCID_PREFIX != settings.OCID_PLACEHOLDER
    return Finding("set" if own else "weak", settings.OCID_PREFIX)


declare(
    Check(
        "sealing",
        _("Keys that seal who bids"),
        _("They are made at the first auction. Keep a copy apart: without them open lots cannot be closed."),
        "immis auction seal new",
        _seal,
    ),
    Check(
        "dsc_roots",
        _("Roots of digital signatures"),
        _("Without them signatures of bidders and of files are recorded and not verified."),
        "IMMIS_DSC_ROOTS",
        _roots,
    ),
    Check(
        "eproc",
        _("Keys of E-Proc"),
        _("Without them every export of E-Proc is refused."),
        "IMMIS_EPROC_PUBLIC_KEYS, IMMIS_EPROC_SHARED_KEY",
        _eproc,
    ),
    Check(
        "ocid",
        _("Publisher of open data"),
        _("Without a prefix of its own the department's releases of auctions bear that of nobody."),
        "IMMIS_OCID_PREFIX",
        _prefix,
    ),
)
