"""The State's e-procurement portal (E-Proc): auctions held there, as signed exports over its API or as files."""

from immis.adapters.eproc.port import EprocAuction, EprocForged, EprocUnreachable, EprocUnreadable, SignedExport
from immis.adapters.eproc.reading import read_export
from immis.adapters.eproc.signing import check_signature

__all__ = [
    "EprocAuction",
    "EprocForged",
    "EprocUnreachable",
    "EprocUnreadable",
    "SignedExport",
    "check_signature",
    "read_export",
]
