"""Keys of gates and quotas for an outage: what is completed or refused when somebody enters one (CH-80, ADR 24)."""

from datetime import datetime, timedelta
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from immis.challans.offline import events as events
from immis.challans.offline.closing import in_words, slots
from immis.challans.offline.deciding import require_takeable, take_in
from immis.challans.offline.keys import FINDINGS, KEYS, QUOTAS, instant, key_with, running_quota, terms
from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.services import next_number
from immis.core.signing.keyring import KID_BYTES, unb64
from immis.leases.selectors import lease_of
from immis.registers.hooks import Draft, after, before
from immis.registers.selectors import Entry, entry_in, locked_entry
from immis.rules.calendar import INDIA
from immis.rules.catalogue import Finding, find
from immis.rules.gates.offline import ON_GRANT, QuotaFacts
from immis.rules.policy import book


def asked_bytes(lease: str, public: str) -> bytes:
    """What the device signs to prove that it has the other half of the key that it hands in."""
    return f"immis.gate-key:{lease}:{public}".encode()


@before(KEYS, "ask")
def complete_key(draft: Draft) -> None:
    """Id and code of the key, the settlement's district. Raises Refusal where no proof fits, NotPermitted."""
    lease = lease_of(draft.values["lease"], draft.by)
    if draft.by.is_party and lease.party_id != draft.by.party_id:
        raise NotPermitted("another settlee's settlement")
    public = _proven(lease.number, draft.values["public"], draft.values["proof"])
    kid = sha256(public).digest()[:KID_BYTES].hex()
    if key_with(kid) is not None:
        raise Refusal(_not_taken("again"))
    draft.values |= {"lease": lease.number, "kid": kid, "code": code_of(kid)}
    draft.district, draft.party_id, draft.open_as = lease.district, lease.party_id, f"key:{kid}"


def _not_taken(why: str) -> Finding:
    words = book().words("CH-88", why)
    return Finding("CH-88", {"why_en": words["en"], "why_hi": words["hi"]})


def code_of(kid: str) -> str:
    """What device and office compare: the first eight signs of the id."""
    return f"{kid[:4]}-{kid[4:8]}".upper()


def _proven(lease: str, public: str, proof: str) -> bytes:
    try:
        raw = unb64(public)
        Ed25519PublicKey.from_public_bytes(raw).verify(unb64(proof), asked_bytes(lease, public))
    except (InvalidSignature, ValueError) as error:
        raise Refusal(_not_taken("proof")) from error
    return raw


@before(KEYS, "approve")
def count_key(draft: Draft) -> None:
    """It signs from a day after it stands in the key list (CH-80)."""
    counts_from = draft.at + timedelta(hours=int(terms(draft.at)["lead_hours"]))
    draft.values["counts_from"] = counts_from.replace(microsecond=0).isoformat()


@before(KEYS, "revoke")
def end_key(draft: Draft) -> None:
    draft.values["revoked_at"] = draft.at.replace(microsecond=0).isoformat()


@before(QUOTAS, "grant")
def complete_quota(draft: Draft) -> None:
    """Numbers are reserved, days are reckoned. Raises Refusal (CH-80), NotPermitted for another district's key."""
    key = entry_in(KEYS, draft.values["key"])
    if key is None or not draft.by.sees_district(key.district):
        raise NotPermitted("another district's key")
    key = locked_entry(key)
    running, passes = running_quota(key), int(draft.values["passes"])
    facts = QuotaFacts(key.number, passes, key.state == "approved", running.number if running else "")
    if findings := find(ON_GRANT, facts, policy=book(), at=draft.at):
        raise Refusal(findings)
    limits, lease = terms(draft.at), key.values["lease"]
    lead = draft.at + timedelta(hours=int(limits["lead_hours"]))
    starts_at = max(lead.replace(microsecond=0), instant(key.values["counts_from"]))
    series = f"{lease.split('-')[0]}-{draft.at.astimezone(INDIA):%y}"
    last = next_number(f"challan:{series.replace('-', ':')}", count=passes)
    draft.values |= {
        "lease": lease,
        "series": series,
        "first": str(last - passes + 1),
        "last": str(last),
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(days=int(limits["days"]))).isoformat(),
    }
    draft.district, draft.party_id = key.district, key.party_id


@before(QUOTAS, "close")
def give_back(draft: Draft) -> None:
    """Which numbers nobody used: no gap of the series stays unexplained."""
    assert draft.entry is not None
    unused = [slot.number for slot in slots(draft.entry) if slot.row is None]
    draft.values["returned"] = in_words(unused) or "—"


@before(FINDINGS, "take_in")
def may_be_taken(draft: Draft) -> None:
    """Raises Refusal (CH-89) for a line that nobody may take in."""
    assert draft.entry is not None
    require_takeable(draft.entry, at=draft.at)


@after(FINDINGS, "take_in")
def put_into_register(entry: Entry, by: Actor, at: datetime) -> None:
    """The e-challan stands in the register, with the number on its paper."""
    take_in(entry, by=by, at=at)
