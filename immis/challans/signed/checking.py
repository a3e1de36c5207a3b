"""The signed pass: what a QR on an e-challan says, provable at the roadside with no network.

A pass is a CWT in COSE_Sign1 with Ed25519 (RFC 8392, 9052). Two carriers hold the
same bytes: a web address whose part after ``#`` is the pass in base32 (any phone
opens it, and no server sees that part), and ``IM1:`` with base45 for small slips.
Verification answers three questions apart: is it genuine, is it in time, is it
cancelled. ADR 0006 gives the format and the reasons. No Django, no files, no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import cbor2

from immis.challans.signed import facts as claims_of
from immis.challans.signed.facts import ISS, PassFacts
from immis.challans.signed.lists import (
    CancelledList,
    KeyList,
    PublicKey,
    read_cancelled_list,
    read_key_list,
)
from immis.challans.signed.signing import ALG, ED25519, EDDSA, KID, OKP
from immis.challans.signed.text import VERIFY_PATH, NotGenuine, bytes_in, one_case, ways_to_read
from immis.late import late

if TYPE_CHECKING:
    import cwt
else:
    cwt = late("cwt")

_COSE_SIGN1, _CRIT = 18, 2
_DECODE_ERRORS = (cbor2.CBORError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Verdict:
    """What a check found; None where a question has no answer (not genuine, or no cancelled list at hand).

    ``reason`` is ``ok`` or the code of the first thing wrong (``pass_words.REASONS`` words it).
    ``list_age_hours`` is the age of the cancelled list; negative when this clock is behind it.
    ``gate`` names the settlement whose gate signed it with its own key in an outage; its reason is then
    ``issued_offline`` where it is good: the register may not have it yet.
    ``clock_behind_hours`` is by how much the youngest of the signed lists is ahead of this clock, else 0: a clock
    that is behind cannot say whether a pass is in time, nor whether one was cancelled since.
    """

    genuine: bool
    in_time: bool | None
    cancelled: bool | None
    list_age_hours: float | None
    pass_facts: PassFacts | None
    reason: str
    clock_behind_hours: float = 0.0
    gate: str = ""

    @property
    def good(self) -> bool:
        """Genuine, in time and not known to be cancelled."""
        return self.genuine and bool(self.in_time) and not self.cancelled


def _canonical(raw: bytes) -> Any:
    """Decoded CBOR, only where encoding it again gives the same bytes. Raises NotGenuine otherwise."""
    try:
        value = cbor2.loads(raw)
        again = cbor2.dumps(value, canonical=True)
    except _DECODE_ERRORS as error:
        raise NotGenuine("unreadable") from error
    if again != raw:
        raise NotGenuine("unreadable")
    return value


def _envelope(raw: bytes) -> tuple[bytes, bytes]:
    """Key id and claims of a COSE_Sign1 whose every unsigned byte is fixed. Raises NotGenuine otherwise."""
    message = _canonical(raw)
    if not isinstance(message, cbor2.CBORTag) or message.tag != _COSE_SIGN1:
        raise NotGenuine("unreadable")
    parts = message.value
    if (
        not isinstance(parts, list | tuple)
        or len(parts) != 4
        or not all(isinstance(parts[i], bytes) for i in (0, 2, 3))
    ):
        raise NotGenuine("unreadable")
    header = _canonical(parts[0])
    if not isinstance(header, Mapping) or parts[1] != {}:
        raise NotGenuine("unreadable")
    if header.get(ALG) != EDDSA or _CRIT in header:
        raise NotGenuine("unsupported")
    if not isinstance(header.get(KID), bytes):
        raise NotGenuine("unknown_key")
    return header[KID], parts[2]


def _check_signature(raw: bytes, key: PublicKey) -> None:
    cose_key = cwt.COSEKey.new({1: OKP, 2: key.kid, 3: EDDSA, -1: ED25519, -2: key.public})
    try:
        cwt.COSE.new(verify_kid=True).decode(raw, cose_key)
    except Exception as error:  # the bytes are hostile and the library raises many kinds; every one means "no"
        raise NotGenuine("bad_signature") from error


def _check_window(key: PublicKey, *, issued_at: datetime, at: datetime) -> None:
    if at >= key.not_after or issued_at >= key.signs_until:
        raise NotGenuine("key_expired")
    if at < key.not_before or issued_at < key.not_before:
        raise NotGenuine("key_not_yet_valid")


def _genuine_facts(text: str, keys: KeyList, at: datetime) -> tuple[PassFacts, PublicKey]:
    """Facts of a genuine pass in the first way to read the text that gives one; else the fault of the first way."""
    faults = []
    for way in ways_to_read(text):
        try:
            return _facts_of(*bytes_in(way), keys, at)
        except NotGenuine as fault:
            faults.append(fault)
    raise faults[0]


def _facts_of(address: str, raw: bytes, keys: KeyList, at: datetime) -> tuple[PassFacts, PublicKey]:
    key = keys.keys.get(_envelope(raw)[0])
    if key is None:
        raise NotGenuine("unknown_key")
    facts = _signed_facts(address, raw, key)
    _check_window(key, issued_at=facts.issued_at, at=at)
    if key.gate and not key.gate.allows(facts.number, facts.lease_number, facts.issued_at):
        raise NotGenuine("outside_quota")
    return facts, key


def _signed_facts(address: str, raw: bytes, key: PublicKey) -> PassFacts:
    _check_signature(raw, key)
    claims = _canonical(_envelope(raw)[1])
    try:
        facts = claims_of.read(claims)
    except _DECODE_ERRORS as error:
        raise NotGenuine("unsupported") from error
    if address and address != one_case(f"{claims.get(ISS, '')}{VERIFY_PATH}"):
        raise NotGenuine("address_altered")
    return facts


def facts_signed_by(text: str, key: PublicKey) -> PassFacts:
    """What a pass says that one key signed, whenever that counts. Raises NotGenuine for any other text."""
    address, raw = bytes_in(one_case(text.strip()))
    if _envelope(raw)[0] != key.kid:
        raise NotGenuine("unknown_key")
    return _signed_facts(address, raw, key)


def _reason(facts: PassFacts, key: PublicKey, *, cancelled: bool | None, revoked: bool, at: datetime) -> str:
    if revoked:
        return "key_revoked"
    if cancelled:
        return "cancelled"
    if at < facts.issued_at:
        return "not_yet_valid"
    if at >= facts.valid_until:
        return "expired"
    return "issued_offline" if key.gate else "ok"


def _is_revoked(key: PublicKey, cancelled: CancelledList | None) -> bool:
    """Whether a gate's key was revoked, by either list: the younger one may be the only one that a phone has."""
    return bool(key.gate and key.gate.revoked_at) or (cancelled is not None and key.kid in cancelled.revoked_keys)


def verify_pass(
    text: str,
    *,
    keys: KeyList | Mapping[str, Any],
    cancelled: CancelledList | Mapping[str, Any] | None = None,
    at: datetime,
) -> Verdict:
    """Check a pass offline: ``text`` is a whole QR address, its part after ``#``, or the small form.

    In time means ``issued_at <= at < valid_until``. Any text at all gets a verdict; nothing unproven is shown.
    Raises ListUnusable for a list that cannot be relied upon and ValueError for a naive ``at``.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} carries no time zone; instants must be aware")
    keys = keys if isinstance(keys, KeyList) else read_key_list(keys)
    if cancelled is not None and not isinstance(cancelled, CancelledList):
        cancelled = read_cancelled_list(cancelled, root=keys.root, keys=keys)
    age = None if cancelled is None else round((at - cancelled.issued_at).total_seconds() / 3600, 2)
    behind = _behind_hours(at, keys, cancelled)
    try:
        facts, key = _genuine_facts(text, keys, at)
    except NotGenuine as error:
        return Verdict(False, None, None, age, None, str(error), behind)
    revoked = _is_revoked(key, cancelled)
    listed = True if revoked else None if cancelled is None else facts.pass_id in cancelled.pass_ids
    in_time = facts.issued_at <= at < facts.valid_until
    reason = _reason(facts, key, cancelled=listed, revoked=revoked, at=at)
    return Verdict(True, in_time, listed, age, facts, reason, behind, key.gate.lease if key.gate else "")


def _behind_hours(at: datetime, keys: KeyList, cancelled: CancelledList | None) -> float:
    """How far a clock is behind the signed lists, in hours; 0 where it is not. Lists count to the second."""
    issued = [row.issued_at for row in (keys, cancelled) if row is not None]
    ahead_s = max((row - at).total_seconds() for row in issued)
    return round(ahead_s / 3600, 2) if ahead_s >= 1 else 0.0
