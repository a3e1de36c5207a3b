"""Entering and changing parties: bidders, settlees, owners of vehicles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from stdnum.exceptions import ValidationError
from stdnum.in_ import pan as pan_number

from immis import clock
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.services import log_action
from immis.registry.changes import entered
from immis.registry.models import Party, User
from immis.rules.catalogue import Finding
from immis.rules.policy import book


@dataclass(frozen=True, kw_only=True)
class NewParty:
    """A party as it is entered (E-024…E-027): kind, names, PAN, GST registration, where it is reached and paid."""

    code: str
    kind: str
    name_en: str
    name_hi: str
    pan: str
    email: str
    phone: str = ""
    address: str = ""
    bank_account: str = ""
    gstin: str = ""


def checked_pan(pan: str) -> str:
    """A PAN as it is kept: capitals, no blanks. Raises Refusal (REG-01) for what is none (E-026)."""
    try:
        return str(pan_number.validate(pan))
    except ValidationError:
        raise Refusal(Finding("REG-01", {"pan": pan[:20] or "—"})) from None


def pan_refusal(problem: str, *, pan: str, at: datetime) -> Refusal:
    """Why something about the ownership of a PAN cannot be done (REG-13)."""
    words = book().value("REG-13", at)["problems"][problem]
    return Refusal(Finding("REG-13", {"pan": pan, "problem": dict(words)}))


@transaction.atomic
def add_party(
    *,
    party: NewParty,
    users: Sequence[User] = (),
    proved: bool = True,
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> Party:
    """Enter a party, or change it with what it was before in the log; ``users`` may act for it.

    Who enters himself is not ``proved`` to own the PAN. Raises Refusal for a PAN that is not one (REG-01), and where
    another party is proved to own it (REG-13).
    """
    fields = {**vars(party), "pan": checked_pan(party.pan)}
    owners = Party.objects.filter(pan=fields["pan"], pan_proved_at__isnull=False)
    if proved and owners.exclude(code=party.code).exists():
        raise pan_refusal("owned", pan=party.pan, at=at or clock.now())
    row, new = entered(Party, fields, "party", by=by, at=at)
    if new and proved:
        row.pan_proved_at = at or clock.now()
        row.save(update_fields=["pan_proved_at"])
    row.users.add(*users)
    return row


@transaction.atomic
def note_gstin(*, party: Party, gstin: str, by: Actor, at: datetime) -> Party:
    """Keep the GST registration number of a party (E-027); the caller has tested it against the PAN."""
    if party.gstin != gstin:
        payload = {"before": party.gstin, "after": gstin}
        party.gstin = gstin
        party.save(update_fields=["gstin"])
        log_action("party.gstin", subject=("party", party.code), by=by, at=at, facts=payload)
    return party
