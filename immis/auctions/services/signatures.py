"""A bidder proves that the digital signature certificate is his: he signs a text that only we can have given him."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from immis.adapters.reading.apart import ReadingRefused
from immis.auctions.models import Bidder, SignatureCertificate
from immis.auctions.services.registration import require_party
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.papers import uploads
from immis.core.papers.reading import read_upload, refusal_of
from immis.core.services import log_action
from immis.core.signing.facts import MOST_BYTES, Signature, Tangled, Unreadable
from immis.registry.selectors import Party
from immis.rules.auctions.bidders import SignatureFacts, class_of
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book


def challenge_text(party: Party, on: date) -> bytes:
    """The text that a party signs on a day; nobody can make it for another party or ahead of its day."""
    text = f"IMMIS e-auction registration\nparty {party.code}\nday {on.isoformat()}\n"
    key = hashlib.sha256(b"signature:" + settings.SECRET_KEY.encode()).digest()
    return f"{text}code {hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}\n".encode()


def verify_signature(*, bidder: Bidder, signature: bytes, by: Actor, at: datetime) -> SignatureCertificate:
    """Check a detached signature over the party's own text and keep its certificate as verified (E-015).

    ``signature`` is CMS (.p7s). The text of today or of a few days before is taken (AUC-103). The certificate
    becomes the newest one; what was recorded by hand stays. It is read before the transaction, in a child.
    Raises Refusal (AUC-103, UPL-01, UPL-02).
    """
    require_party(by, bidder.party_id, "bidder.register")
    uploads.admit(party_id=bidder.party_id, size_bytes=len(signature), at=at)
    terms = book().value("AUC-103", at)
    days = [india_day(at) - timedelta(days=back) for back in range(int(terms["challenge_days"]) + 1)]
    texts = [challenge_text(bidder.party, day) for day in days]
    try:
        checked: Signature = read_upload(
            "signed_text", texts, signature[: MOST_BYTES + 1], roots=Path(settings.DSC_ROOTS), at=at
        )
    except Unreadable as error:
        raise Refusal(Finding("AUC-103", {"problem": dict(terms["problems"]["unreadable"])})) from error
    facts = SignatureFacts(checked.fits, checked.trusted, checked.policies, checked.valid_until)
    if refused := find("auction.signature", facts, policy=book(), at=at):
        raise Refusal(refused)
    return _keep_proof(bidder, checked, signature, by=by, at=at)


@transaction.atomic
def _keep_proof(bidder: Bidder, best: Signature, signature: bytes, *, by: Actor, at: datetime) -> SignatureCertificate:
    row = SignatureCertificate.objects.create(
        bidder=bidder,
        holder=best.holder,
        issuer=best.issuer,
        serial=best.serial[:64],
        klass=class_of(best.policies, policy=book(), at=at) or 0,
        valid_until=best.valid_until,
        recorded_at=at,
        verified_at=at,
        proof_sha256=uploads.keep(signature, at=at, party_id=bidder.party_id),
    )
    body = {"serial": row.serial, "issuer": row.issuer, "class": row.klass, "until": row.valid_until}
    log_action("signature.verified", subject=("party", bidder.party.code), by=by, at=at, facts=body)
    return row


def signatures_in(pdf: bytes, *, at: datetime) -> list[dict[str, Any]]:
    """The digital signatures in an uploaded PDF as they were checked then, for the committee; none in a plain PDF.

    A row holds ``holder``, ``issuer``, ``serial`` and ``problem``: why it does not hold (AUC-103, both languages), or
    nothing. A signature is judged, never demanded: a paper may as well be signed by hand (clause 7(kha), (ga)).
    It is read in a child, never inside a transaction. Raises Refusal (UPL-01).
    """
    if b"/ByteRange" not in pdf:
        return []
    try:
        signatures = read_upload("signed_pdf", pdf, roots=Path(settings.DSC_ROOTS), at=at)
    except Tangled as error:
        raise refusal_of(ReadingRefused("tangled")) from error
    except Unreadable:
        unreadable = book().value("AUC-103", at)["problems"]["unreadable_pdf"]
        return [{"holder": "", "issuer": "", "serial": "", "problem": dict(unreadable)}]
    return [
        {
            "holder": signature.holder,
            "issuer": signature.issuer,
            "serial": signature.serial[:64],
            "problem": _problem(signature, at),
        }
        for signature in signatures
    ]


def _problem(signature: Any, at: datetime) -> Mapping[str, str]:
    facts = SignatureFacts(signature.fits, signature.trusted, signature.policies, signature.valid_until, in_paper=True)
    refused = find("auction.signature", facts, policy=book(), at=at)
    return refused[0].facts["problem"] if refused else {}
