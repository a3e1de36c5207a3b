"""Paying money back through the treasury: the port, and its HTTP form beside the GRN calls."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol
from urllib.parse import quote

from immis.adapters.treasury.http_grn import HttpTreasury
from immis.adapters.treasury.port import TreasuryUnreachable

PAYOUT_STATUSES = ("accepted", "paid", "failed")


@dataclass(frozen=True)
class Payout:
    """What is to be paid back, under our order's number (the key that makes a repeat harmless), to which account."""

    reference: str
    amount_paise: int
    account: str
    payee_name: str
    purpose_en: str
    purpose_hi: str


@dataclass(frozen=True)
class PayoutStanding:
    """What the treasury says of a payout: accepted, paid with the bank's reference, or failed with its reason."""

    reference: str
    status: str
    amount_paise: int
    bank_ref: str = ""
    reason: str = ""


class Payouts(Protocol):
    """The port: both calls raise TreasuryUnreachable; the same reference is paid once however often it is sent.

    ``attempt`` tells a payout that failed and is sent again from a mere repeat.
    """

    def pay_out(self, payout: Payout, *, attempt: int) -> PayoutStanding: ...

    def payout_status(self, reference: str) -> PayoutStanding: ...


class HttpPayouts(HttpTreasury):
    """Payouts at the treasury over signed HTTP; both calls may be repeated without harm."""

    def pay_out(self, payout: Payout, *, attempt: int) -> PayoutStanding:
        return _standing(self._ask("POST", "/api/payout", {**asdict(payout), "attempt": attempt}), payout.reference)

    def payout_status(self, reference: str) -> PayoutStanding:
        return _standing(self._ask("GET", f"/api/payout/{quote(reference, safe='')}"), reference)


def _standing(body: Mapping[str, Any], reference: str) -> PayoutStanding:
    """Raises TreasuryUnreachable for an answer that does not speak of this payout in known words."""
    status, amount = body.get("status"), body.get("amount_paise")
    if body.get("reference") != reference or status not in PAYOUT_STATUSES or type(amount) is not int:
        raise TreasuryUnreachable(f"the treasury's answer about {reference} cannot be read")
    return PayoutStanding(
        reference, status, amount, str(body.get("bank_ref") or "")[:60], str(body.get("reason") or "")[:300]
    )
