"""Checking a digital signature: that it fits what was signed, and that its certificate leads to a trusted root.

Roots are files (PEM or DER, ``.pem .crt .cer``) in the folder ``IMMIS_DSC_ROOTS``; lists of revoked certificates lie
beside them as ``.crl``. Nothing is fetched. Whether a sound signature is enough is decided by the rules.
"""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from asn1crypto import cms, crl, pem, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_detached_cms, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from immis.rules.calendar import india_day

MOST_BYTES = 5_000_000
_UNREADABLE = (ValueError, TypeError, KeyError, OSError, PdfError, SignatureValidationError)


class Unreadable(ValueError):
    """There is no signature that can be read."""


@dataclass(frozen=True)
class Signature:
    """One checked signature. ``fits``: made over exactly these bytes; ``trusted``: chain, time and revocation hold.

    ``serial`` is in capitals and digits base 16; ``policies`` are the object identifiers in the certificate.
    """

    fits: bool
    trusted: bool
    holder: str
    issuer: str
    serial: str
    valid_until: date
    policies: tuple[str, ...]


def _files(folder: Path, *endings: str) -> list[bytes]:
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in endings) if folder.is_dir() else []
    parts: list[bytes] = []
    for path in found:
        content = path.read_bytes()
        parts += [der for _, _, der in pem.unarmor(content, multiple=True)] if pem.detect(content) else [content]
    return parts


def trusted_roots(folder: Path) -> list[x509.Certificate]:
    """The root certificates of a folder; none where there is no folder. A file that is no certificate is left out."""
    roots = []
    for der in _files(folder, ".pem", ".crt", ".cer"):
        try:
            root = x509.Certificate.load(der, strict=True)
            root.subject.native  # noqa: B018  reading it shows whether it is one
            roots.append(root)
        except (ValueError, TypeError):
            continue
    return roots


def _context(folder: Path, at: datetime) -> ValidationContext:
    revoked = [crl.CertificateList.load(der) for der in _files(folder, ".crl")]
    return ValidationContext(trust_roots=trusted_roots(folder), crls=revoked, moment=at, allow_fetching=False)


def check_detached(content: bytes, signature: bytes, *, roots: Path, at: datetime) -> Signature:
    """Check a detached CMS signature (``.p7s``, PEM or DER) over some bytes. Raises Unreadable."""
    try:
        der = pem.unarmor(signature)[2] if pem.detect(signature) else signature
        signed = cms.ContentInfo.load(der, strict=True)
        if signed["content_type"].native != "signed_data":
            raise Unreadable("no signed data")
        check = async_validate_detached_cms(io.BytesIO(content), signed["content"], _context(roots, at))
        status = asyncio.run(check)
    except _UNREADABLE as error:
        raise Unreadable(str(error)) from error
    return _told(status, whole=True)


def check_pdf(pdf: bytes, *, roots: Path, at: datetime) -> list[Signature]:
    """Check every signature in a PDF; one that does not cover the whole file does not fit. Raises Unreadable."""
    try:
        found = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_signatures
        return [_in_pdf(one, roots, at) for one in found]
    except _UNREADABLE as error:
        raise Unreadable(str(error)) from error


def _in_pdf(embedded: Any, roots: Path, at: datetime) -> Signature:
    status = validate_pdf_signature(embedded, _context(roots, at))
    return _told(status, whole=status.coverage == SignatureCoverageLevel.ENTIRE_FILE)


def _told(status: Any, *, whole: bool) -> Signature:
    certificate: x509.Certificate = status.signing_cert
    return Signature(
        fits=bool(status.intact and status.valid and whole),
        trusted=bool(status.trusted),
        holder=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        serial=f"{certificate.serial_number:X}",
        valid_until=india_day(certificate.not_valid_after),
        policies=_policies(certificate),
    )


def _name(name: x509.Name) -> str:
    known = name.native
    return str(known.get("common_name") or known.get("organization_name") or name.human_friendly)[:160]


def _policies(certificate: x509.Certificate) -> Sequence[str]:
    stated = certificate.certificate_policies_value
    return tuple(one["policy_identifier"].dotted for one in stated) if stated else ()
