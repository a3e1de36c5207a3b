"""The treasury of this installation, as the settings name it."""

from functools import cache

from django.conf import settings

from immis.adapters.treasury.http_grn import HttpTreasury
from immis.adapters.treasury.payouts import HttpPayouts, Payouts
from immis.adapters.treasury.port import Treasury


@cache
def _client(url: str, key: str) -> HttpTreasury:
    return HttpTreasury(url, key)


def treasury() -> Treasury:
    """The treasury at ``IMMIS_TREASURY_URL``."""
    return _client(settings.TREASURY_URL, settings.TREASURY_KEY)


@cache
def _payer(url: str, key: str) -> HttpPayouts:
    return HttpPayouts(url, key)


def payouts() -> Payouts:
    """The same treasury, asked to pay money back."""
    return _payer(settings.TREASURY_URL, settings.TREASURY_KEY)
