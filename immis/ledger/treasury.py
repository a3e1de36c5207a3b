"""The treasury of this installation, as the settings name it."""

from functools import cache

from django.conf import settings

from immis.adapters.treasury.payouts import Payouts
from immis.adapters.treasury.port import Standing, Treasury
from immis.adapters.treasury.upi import Payee, bharat_qr, upi_link
from immis.adapters.treasury.vendors import vendor_of
from immis.ledger.models import Receipt


@cache
def _client(vendor: str, url: str, key: str) -> Treasury:
    return vendor_of(vendor).treasury(url, key)


def treasury() -> Treasury:
    """The treasury at ``IMMIS_TREASURY_URL``, in the protocol that ``IMMIS_TREASURY_VENDOR`` names."""
    return _client(settings.TREASURY_VENDOR, settings.TREASURY_URL, settings.TREASURY_KEY)


def read_notice(raw: bytes, sent_signature: str) -> Standing:
    """What the treasury tells by itself of a payment. Raises NoticeForged, NoticeUnreadable."""
    return vendor_of(settings.TREASURY_VENDOR).read_notice(raw, sent_signature, settings.TREASURY_KEY)


def payment_codes(receipt: Receipt, *, purpose: str) -> tuple[str, str] | None:
    """UPI link and BharatQR text of an open receipt, under its GRN; None where no UPI address is set."""
    if not settings.UPI_VPA or not receipt.grn or receipt.state != "created":
        return None
    payee = Payee(settings.UPI_VPA, settings.UPI_NAME, settings.UPI_CITY)
    wanted = {"reference": receipt.grn, "amount_paise": receipt.amount_paise}
    return upi_link(payee, note=purpose, **wanted), bharat_qr(payee, **wanted)


@cache
def _payer(vendor: str, url: str, key: str) -> Payouts:
    return vendor_of(vendor).payouts(url, key)


def payouts() -> Payouts:
    """The same treasury, asked to pay money back."""
    return _payer(settings.TREASURY_VENDOR, settings.TREASURY_URL, settings.TREASURY_KEY)
