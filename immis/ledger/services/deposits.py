"""A held deposit that is forfeited to the State."""

from datetime import datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.services import Subject, emit, log_action
from immis.ledger.chart import FORFEITURE, Head
from immis.ledger.events import (
    DepositForfeited,
)
from immis.ledger.selectors import held_paise
from immis.ledger.services.journal import Side, post_entry
from immis.ledger.services.rights import require_keeper
from immis.registry.selectors import Party, locked_party


@transaction.atomic
def forfeit_deposit(
    *, party: Party, source: tuple[Head, Subject], order: str, by: Actor, at: datetime, district: str = ""
) -> int:
    """Forfeit to the State all that a head holds for a party on a subject, by a named order; answers the paise.

    A second call finds nothing left to forfeit. Raises NotPermitted for another district.
    """
    require_keeper(by, district)
    locked_party(party.pk)
    head, subject = source
    amount = held_paise(head, party_id=party.pk, subject=subject)
    if amount <= 0:
        return 0
    sides = [
        Side(head, debit_paise=amount, party=party, subject=subject),
        Side(FORFEITURE, credit_paise=amount, party=party, subject=subject),
    ]
    post_entry(DepositForfeited.KIND, sides=sides, by=by, at=at, facts={"order": order})
    facts = {**named(party), "amount_paise": amount, "order": order, "district": district, "subject_id": subject[1]}
    log_action(DepositForfeited.KIND, subject=subject, by=by, at=at, facts=facts)
    emit(DepositForfeited.of(facts), subject=subject, at=at)
    return amount


def named(party: Party) -> dict[str, Any]:
    return {"party_id": party.pk, "party": {"en": party.name_en, "hi": party.name_hi}}
