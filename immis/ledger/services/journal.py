"""The journal: balanced entries, sealed as they are made, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.facts import plain
from immis.core.services import Subject, log_action, next_number
from immis.ledger.chart import Head
from immis.ledger.models import Account, Demand, JournalEntry, JournalLine, JournalSeal, Receipt
from immis.ledger.selectors import held_paise
from immis.ledger.services.rights import require_keeper
from immis.registry.selectors import Party, locked_party


@dataclass(frozen=True)
class Side:
    """One side of an entry in paise: give ``debit_paise`` or ``credit_paise``, and the demand it pays or unpays."""

    head: Head
    debit_paise: int = 0
    credit_paise: int = 0
    party: Party | None = None
    subject: Subject = ("", "")
    demand: Demand | None = None


@transaction.atomic
def post_entry(
    kind: str,
    *,
    sides: Sequence[Side],
    by: Actor,
    at: datetime,
    receipt: Receipt | None = None,
    facts: Mapping[str, Any] | None = None,
) -> JournalEntry:
    """Post one entry. The database refuses the seal, and so the transaction, when debits and credits differ."""
    number = next_number("journal")
    entry = JournalEntry.objects.create(
        seal_id=number, kind=kind, receipt=receipt, facts=plain(facts or {}), at=at, by=by.user_id
    )
    for side in sides:
        JournalLine.objects.create(
            entry=entry,
            account=_account(side.head),
            party=side.party,
            demand=side.demand,
            subject_kind=side.subject[0],
            subject_id=side.subject[1],
            debit_paise=side.debit_paise,
            credit_paise=side.credit_paise,
        )
    JournalSeal.objects.create(number=number)
    return entry


def _account(head: Head) -> Account:
    names = {"name_en": head.name_en, "name_hi": head.name_hi, "kind": head.kind}
    return Account.objects.get_or_create(code=head.code, defaults=names)[0]


@transaction.atomic
def move_deposit(
    *,
    party: Party,
    source: tuple[Head, Subject],
    target: tuple[Head, Subject],
    amount_paise: int,
    by: Actor,
    at: datetime,
    district: str = "",
) -> int:
    """Move a held deposit to another head and subject (earnest money into security); answers the paise moved.

    Never moves more than the source holds. Raises NotPermitted for another district; without
    one only statewide posts move it.
    """
    require_keeper(by, district)
    locked_party(party.pk)
    moved = min(amount_paise, held_paise(source[0], party_id=party.pk, subject=source[1]))
    if moved <= 0:
        return 0
    sides = [
        Side(source[0], debit_paise=moved, party=party, subject=source[1]),
        Side(target[0], credit_paise=moved, party=party, subject=target[1]),
    ]
    post_entry("deposit.moved", sides=sides, by=by, at=at)
    log_action("deposit.moved", subject=target[1], by=by, at=at, facts={"from": source[1], "amount_paise": moved})
    return moved
