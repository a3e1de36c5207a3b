"""Registration for e-auctions: the form, the terms, the digital signature, the fee; Aadhaar only masked."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from stdnum.in_ import aadhaar as aadhaar_number

from immis.auctions.events import BidderRegistered
from immis.auctions.models import Bidder, SignatureCertificate
from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.ledger.services import NewDemand, raise_demand
from immis.registry.pans import require_pan
from immis.registry.selectors import Party, locked_party
from immis.registry.services import note_gstin
from immis.rules.auctions.tenders import RegisterFacts
from immis.rules.calendar import add_months, india_day
from immis.rules.catalogue import find
from immis.rules.money import paise
from immis.rules.policy import book
from immis.rules.writing.texts import text

#: The parts of the registration form that are kept as they were written.
TEXTS = (
    "signatory", "father_name", "correspondence_address", "permanent_address",
    "phone_office", "phone_home", "mobile", "email",
)  # fmt: skip


def require_party(by: Actor, party_id: int, grant: str) -> None:
    """Raises NotPermitted unless the actor holds the grant and acts for this party (or is the system itself)."""
    require_grant(by, grant)
    if by.is_party and by.party_id != party_id:
        raise NotPermitted("another party's bids")


def masked_aadhaar(number: str) -> tuple[str, str]:
    """What is kept of an Aadhaar number: its last four digits, and a salted hash under this installation's key."""
    salt = secrets.token_hex(8)
    return number[-4:], f"{salt}${_aadhaar_hash(number, salt)}"


def _aadhaar_hash(number: str, salt: str) -> str:
    key = hashlib.sha256(b"aadhaar:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, f"{salt}:{number}".encode(), hashlib.sha256).hexdigest()


def is_aadhaar_of(bidder: Bidder, number: str) -> bool:
    """Whether a number that somebody shows is the one that was given at registration."""
    salt, _, kept = bidder.aadhaar_hash.partition("$")
    return bool(kept) and hmac.compare_digest(kept, _aadhaar_hash(_digits(number), salt))


def _digits(text: Any) -> str:
    return "".join(row for row in str(text or "") if not row.isspace() and row != "-")


@transaction.atomic
def register_bidder(
    *, party: Party, accept_terms: bool, by: Actor, at: datetime, particulars: Mapping[str, Any] | None = None
) -> Bidder:
    """Register a party for e-auctions for a year, or renew it (E-014…E-017, E-025, E-175…E-179).

    ``particulars`` are the form: ``TEXTS``, ``citizen``, ``aadhaar``, ``gstin``, ``dsc_serial``, ``dsc_class``,
    ``dsc_valid_until`` (a day), ``dsc_issuer``; a renewal may leave out what is kept already. Raises Refusal
    (AUC-15 terms, AUC-80 signature, AUC-81 form, AUC-88 numbers, REG-12 another one is proved to own the PAN).
    """
    require_party(by, party.pk, "bidder.register")
    given = dict(particulars or {})
    party = locked_party(party.pk)
    require_pan(party)
    known = Bidder.objects.select_for_update(of=("self",)).filter(party=party).first()
    if findings := find("auction.register", _facts(party, known, given, accept_terms), policy=book(), at=at):
        raise Refusal(findings)
    bidder = _keep(party, known, given, at=at)
    _keep_certificate(bidder, given, at=at)
    if given.get("gstin"):
        note_gstin(party=party, gstin=given["gstin"], by=by, at=at)
    _ask_fee(bidder, by=by, at=at)
    facts = {"until": bidder.valid_until, "aadhaar": f"xxxx{bidder.aadhaar_last4}"}
    log_action(BidderRegistered.KIND, subject=("party", party.code), by=by, at=at, facts=facts)
    emit(BidderRegistered(**facts, party_id=party.pk), subject=("party", party.code), at=at)
    return bidder


def _facts(party: Party, known: Bidder | None, given: Mapping[str, Any], accept_terms: bool) -> RegisterFacts:
    kept = known.particulars if known else {}
    there = {name for name in TEXTS if str(given.get(name) or kept.get(name) or "").strip()}
    there |= {"citizen"} if given.get("citizen") or kept.get("citizen") else set()
    number = _digits(given.get("aadhaar"))
    there |= {"aadhaar"} if number or (known and known.aadhaar_last4) else set()
    serial, klass, until = _certificate(known, given)
    return RegisterFacts(
        terms_accepted=bool(accept_terms),
        given=tuple(sorted(there)),
        dsc_serial=serial,
        dsc_class=klass,
        dsc_valid_until=until,
        pan=party.pan,
        gstin=str(given.get("gstin") or ""),
        aadhaar_fits=not number or aadhaar_number.is_valid(number),
    )


def _certificate(known: Bidder | None, given: Mapping[str, Any]) -> tuple[str, int, date | None]:
    """Serial, class and last day of the signature certificate: the one given now, else the one on record."""
    if given.get("dsc_serial"):
        return str(given["dsc_serial"]), int(given.get("dsc_class") or 0), given.get("dsc_valid_until")
    row = known.certificates.first() if known else None
    return (row.serial, row.klass, row.valid_until) if row else ("", 0, None)


def _keep(party: Party, known: Bidder | None, given: Mapping[str, Any], *, at: datetime) -> Bidder:
    until = add_months(india_day(at), int(book().value("AUC-13", at))) - timedelta(days=1)
    bidder = known or Bidder(party=party, valid_until=until)
    if known is None or known.valid_until < until:
        bidder.registered_at = bidder.terms_accepted_at = at
        bidder.valid_until = until
    texts = {name: str(given[name]).strip()[:300] for name in TEXTS if given.get(name)}
    bidder.particulars = {**bidder.particulars, **texts, "citizen": True}
    if number := _digits(given.get("aadhaar")):
        bidder.aadhaar_last4, bidder.aadhaar_hash = masked_aadhaar(number)
    bidder.save()
    return bidder


def _keep_certificate(bidder: Bidder, given: Mapping[str, Any], *, at: datetime) -> None:
    if not given.get("dsc_serial"):
        return
    fields = {
        "serial": str(given["dsc_serial"])[:64],
        "klass": int(given["dsc_class"]),
        "valid_until": given["dsc_valid_until"],
        "issuer": str(given.get("dsc_issuer") or "")[:160],
        "holder": bidder.particulars.get("signatory", "")[:160],
    }
    if not bidder.certificates.filter(**fields).exists():
        SignatureCertificate.objects.create(bidder=bidder, recorded_at=at, **fields)


def _ask_fee(bidder: Bidder, *, by: Actor, at: datetime) -> None:
    """Demand the registration fee of this year of registration, where the department has stated one (AUC-82)."""
    value = book().at("AUC-82", at)
    fee = value.value["registration_fee_rupees"]
    if not fee:
        return
    demand = raise_demand(
        demand=NewDemand(
            party=bidder.party,
            subject=("party", bidder.party.code),
            kind="fee",
            label=text("auctions/demands", "registration"),
            amount_paise=paise(fee),
            cites=[{"code": "AUC-82", "from_on": value.from_on.isoformat(), "cites": value.cites}],
            district=value.value["verified_by_district"],
            key=f"registration:{bidder.party_id}:{bidder.valid_until.isoformat()}",
        ),
        by=by,
        at=at,
    )
    if bidder.fee_demand != demand.number:
        bidder.fee_demand = demand.number
        bidder.save(update_fields=["fee_demand"])
