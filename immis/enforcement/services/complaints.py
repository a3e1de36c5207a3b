"""Making a complaint, by anybody and from any page, and finding the own one again (B-05)."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.access.throttling import take
from immis.core.errors import NotFound, TooMany
from immis.registers.selectors import Entry, entry_in
from immis.registers.services import About, enter, entry_with
from immis.rules.catalogue import Finding
from immis.rules.policy import book

COMPLAINTS = "complaints"
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another one
_CODE_LENGTH = 10


def new_code() -> str:
    """A code by which somebody finds his complaint again; its form carries it, so that one form is taken once."""
    return "".join(secrets.choice(_LETTERS) for _letter in range(_CODE_LENGTH))


def is_code(text: str) -> bool:
    """Whether a text may be such a code."""
    return len(text) == _CODE_LENGTH and set(text) <= set(_LETTERS)


def make_complaint(
    given: Mapping[str, Any], *, district: str, code: str, network: str, by: Actor, at: datetime
) -> Entry:
    """Take in a complaint: it lands with the office that answers it (CMP-01). The same code again answers the first.

    ``district`` is that of what it is about, else empty. Raises TooMany (CMP-03), Unfit for values. Call it outside a
    transaction, so that a refused try counts.
    """
    if known := entry_with(_key(code)):
        return known
    _count(network, by, at)
    return enter(COMPLAINTS, "make", given, by=by, at=at, about=About(district=district), key=_key(code))


def _key(code: str) -> str:
    return f"complaint:{code}"


def _count(network: str, by: Actor, at: datetime) -> None:
    """One try: of the person, or of the network and of all who are not signed in."""
    terms = book().value("CMP-03", at)
    limits = {f"complaint:user:{by.user_id}": int(terms["per_person"])}
    if by.user_id is None:
        limits = {
            f"complaint:network:{network}": int(terms["per_network"]),
            "complaint:public": int(terms["public_an_hour"]),
        }
    _taken(limits, terms, min(limits.values()), at)


def _taken(limits: Mapping[str, int], terms: Mapping[str, Any], most: int, at: datetime) -> None:
    within = timedelta(minutes=int(terms["within_minutes"]))
    if not take(limits, within=within, at=at):
        finding = Finding("CMP-03", {"most": most, "within_minutes": terms["within_minutes"]})
        raise TooMany(finding, again_in_s=int(within.total_seconds()))


def own_complaint(number: str, *, by: Actor) -> Entry | None:
    """A complaint that the reader made under his own name or for his party; None for any other."""
    row = entry_in(COMPLAINTS, number)
    if row is None or by.user_id is None:
        return None
    return row if row.entered_by == by.user_id or (by.party_id and row.party_id == by.party_id) else None


def complaint_with(number: str, code: str, *, network: str, at: datetime) -> Entry:
    """A complaint by its number and code. Raises NotFound where the two do not belong together, TooMany (CMP-03)."""
    terms = book().value("CMP-03", at)
    most = int(terms["looks_per_network"])
    _taken({f"complaint:look:{network}": most}, terms, most, at)
    row = entry_with(_key(code)) if is_code(code) else None
    if row is None or row.number != number:
        raise NotFound(f"complaint {number}")
    return row
