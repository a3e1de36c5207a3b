"""What the worker does for the ledger: ask the treasury about payments that no notice has settled."""

import logging
from datetime import datetime

from immis.adapters.treasury.port import Standing, TreasuryUnreachable
from immis.core.batches import each
from immis.ledger.models import Receipt
from immis.ledger.selectors import receipts_to_poll
from immis.ledger.services import note_payment, schedule_poll
from immis.ledger.treasury import treasury

log = logging.getLogger(__name__)
_A_RUN = 20


def poll_treasury(*, at: datetime) -> int:
    """Ask about open receipts whose time has come; lost notices are made good this way. Answers how many were asked."""
    asked = 0

    def note(answer: tuple[Receipt, Standing]) -> bool:
        note_payment(standing=answer[1], source="poll", at=at)
        return True

    for receipt in receipts_to_poll(at, _A_RUN):
        try:
            standing = treasury().status(receipt.grn or "")
        except TreasuryUnreachable as error:
            log.warning("treasury does not answer: %s", error)
            schedule_poll(receipt, at=at)
            break
        asked += each("ledger.polls", [(receipt, standing)], note, name=lambda row: row[0].number)
        schedule_poll(receipt, at=at)
    return asked
