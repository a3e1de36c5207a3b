"""What the worker does for refunds: send what was ordered, ask about what was sent."""

import logging
from datetime import datetime

from immis.ledger.selectors.refunds import refunds_to_carry_out
from immis.ledger.services.refunds import carry_out_refund

_A_RUN = 20
log = logging.getLogger(__name__)


def carry_out_refunds(*, at: datetime) -> int:
    """Carry out the orders whose turn it is; one that fails does not keep the others waiting."""
    done = 0
    for order in refunds_to_carry_out(at=at, limit=_A_RUN):
        try:
            carry_out_refund(order, at=at)
            done += 1
        except Exception:
            log.exception("refund %s could not be carried out", order.number)
    return done
