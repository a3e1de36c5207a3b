"""The treasury of this installation, as the settings name it."""

from functools import cache

from django.conf import settings

from immis.adapters.treasury.http_grn import HttpTreasury
from immis.adapters.treasury.payouts import HttpPayouts, Payouts
from immis.adapters.treasury.port import Treasury
from immis.adapters.treasury.upi import Payee, bharat_qr, upi_link
from immis.ledger.models import Receipt


@cache
def _client(url: str, key: str) -> HttpTreasury:
    return HttpTreasury(url, key)


def treasury() -> Treasury:
    """The treasury at ``IMMIS_TREASURY_URL``."""
    return _client(settings.TREASURY_URL, settings.TREASURY_KEY)


def payment_codes(receipt: Receipt, *, purpose: str) -> tuple[str, str] | None:
    """UPI link and BharatQR text of an open receipt, under its GRN; None where no UPI address is set."""
    if not settings.UPI_VPA or not receipt.grn or receipt.state != "created":
        return None
    payee = Payee(settings.UPI_VPA, settings.UPI_NAME, settings.UPI_CITY)
    wanted = {"reference": receipt.grn, "amount_paise": receipt.amount_paise}
    return upi_link(payee, note=purpose, **wanted), bharat_qr(payee, **wanted)


@cache
def _payer(url: str, key: str) -> HttpPayouts:
    return HttpPayouts(url, key)


def payouts() -> Payouts:
    """The same treasury, asked to pay money back."""
    return _payer(settings.TREASURY_URL, settings.TREASURY_KEY)
