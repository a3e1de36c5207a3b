"""Checking a digital signature: that it fits what was signed, and that its certificate leads to a trusted root.

Roots are files (PEM or DER, ``.pem .crt .cer``) in the folder ``IMMIS_DSC_ROOTS``; lists of revoked certificates lie
beside them as ``.crl``. Nothing is fetched. Whether a sound signature is enough is decided by the rules.
What parties hand in is only read here by a reading child (``immis.adapters.reading``).
"""

import asyncio
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import cms, crl, pem, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_detached_cms, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from immis.core.signing.facts import Signature, Tangled, Unreadable
from immis.rules.calendar import india_day

_MOST_FIELDS = 5_000
_UNREADABLE = (ValueError, TypeError, KeyError, OSError, PdfError, SignatureValidationError, RecursionError)


def _files(folder: Path, *endings: str) -> list[bytes]:
    result = sorted(path for path in folder.glob("*") if path.suffix.lower() in endings) if folder.is_dir() else []
    parts: list[bytes] = []
    for path in result:
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


def check_texts(texts: Sequence[bytes], signature: bytes, *, roots: Path, at: datetime) -> Signature:
    """Check a detached signature against several texts: the first that it fits, else as over the first of them.

    Raises Unreadable.
    """
    checked = [check_detached(texts[0], signature, roots=roots, at=at)]
    for text in texts[1:]:
        if checked[-1].fits:
            break
        checked.append(check_detached(text, signature, roots=roots, at=at))
    return checked[-1] if checked[-1].fits else checked[0]


def check_pdf(pdf: bytes, *, roots: Path, at: datetime) -> list[Signature]:
    """Check every signature in a PDF; one that does not cover the whole file does not fit. Raises Unreadable."""
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        _refuse_tangled_fields(reader)
        return [_in_pdf(embedded_signature, roots, at) for embedded_signature in reader.embedded_signatures]
    except Tangled:
        raise
    except _UNREADABLE as error:
        raise Unreadable(str(error)) from error


def count_pages(pdf: bytes) -> int:
    """How many pages a PDF says that it has. Raises Unreadable."""
    try:
        return int(PdfFileReader(io.BytesIO(pdf), strict=False).root["/Pages"]["/Count"])
    except _UNREADABLE as error:
        raise Unreadable(str(error)) from error


def _refuse_tangled_fields(reader: PdfFileReader) -> None:
    """Walk the form's fields once, each only once: a tree whose nodes share children has 2^depth paths.

    Raises Tangled for a field that is reached twice, or for more fields than any form has.
    """
    form = reader.root.get("/AcroForm")
    waiting = [form] if isinstance(form, generic.DictionaryObject) else []
    seen: set[Any] = set()
    while waiting:
        node = waiting.pop()
        for name in ("/Fields", "/Kids"):
            children = node.get(name)
            for position in range(len(children)) if isinstance(children, generic.ArrayObject) else ():
                raw = children.raw_get(position)
                if isinstance(raw, generic.IndirectObject):
                    if raw.reference in seen:
                        raise Tangled("a field of the form is reached twice")
                    seen.add(raw.reference)
                child = raw.get_object() if isinstance(raw, generic.IndirectObject) else raw
                if isinstance(child, generic.DictionaryObject):
                    waiting.append(child)
            if len(seen) + len(waiting) > _MOST_FIELDS:
                raise Tangled(f"the form has more than {_MOST_FIELDS} fields")


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
    return tuple(row["policy_identifier"].dotted for row in stated) if stated else ()
