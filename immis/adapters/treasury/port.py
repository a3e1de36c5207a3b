"""What IMMIS asks of a treasury, whatever product stands behind it (a GRN-style online receipt system)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from immis.reading import in_years, is_kept_text

STATUSES = ("created", "pending", "paid", "failed", "reversed")


class TreasuryUnreachable(Exception):
    """The treasury did not answer, or not in a way that can be trusted; nothing is known about the money."""


class TreasuryRefused(TreasuryUnreachable):
    """The treasury did answer, and will not take what was sent however often it is sent again; says why."""


class NoticeForged(Exception):
    """A notice of payment whose signature is not the treasury's."""


class NoticeUnreadable(Exception):
    """A signed notice that lacks what a notice needs: says which field."""


@dataclass(frozen=True)
class Remittance:
    """What is to be paid, under our receipt number (the key that makes a repeat harmless), and where to return."""

    reference: str
    amount_paise: int
    purpose_en: str
    purpose_hi: str
    payer_name: str
    payer_account: str
    return_url: str


@dataclass(frozen=True)
class Opened:
    """The government reference number (GRN) under which the treasury waits for the money, and its payment page."""

    grn: str
    pay_url: str


@dataclass(frozen=True)
class Standing:
    """What the treasury says of a GRN; amounts in paise, ``paid_at`` aware."""

    grn: str
    reference: str
    status: str
    amount_paise: int
    payer_account: str = ""
    bank_ref: str = ""
    paid_at: datetime | None = None


class Treasury(Protocol):
    """The port: both calls raise TreasuryUnreachable; ``create`` with the same reference answers the same GRN."""

    def create(self, remittance: Remittance) -> Opened: ...

    def status(self, grn: str) -> Standing: ...


def read_standing(body: Mapping[str, Any]) -> Standing:
    """A treasury's answer or notice as a Standing. Raises NoticeUnreadable naming the field that is missing or odd."""
    try:
        standing = Standing(
            grn=_text(body, "grn"),
            reference=_optional(body, "reference", 40),
            status=_text(body, "status"),
            amount_paise=_whole(body, "amount_paise"),
            payer_account=_optional(body, "payer_account", 40),
            bank_ref=_optional(body, "bank_ref", 60),
            paid_at=_instant(body, "paid_at"),
        )
    except (TypeError, ValueError) as error:
        raise NoticeUnreadable(str(error)) from error
    if standing.status not in STATUSES:
        raise NoticeUnreadable(f"status {standing.status!r} is none of {', '.join(STATUSES)}")
    return standing


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 40 or not is_kept_text(value):
        raise ValueError(f"{name} is missing or not a text of at most 40 characters")
    return value


def _optional(body: Mapping[str, Any], name: str, most: int) -> str:
    value = str(body.get(name) or "")
    if len(value) > most or not is_kept_text(value):
        raise ValueError(f"{name} is not a text of at most {most} characters")
    return value


def _instant(body: Mapping[str, Any], name: str) -> datetime | None:
    if not body.get(name):
        return None
    instant = datetime.fromisoformat(body[name])
    if instant.tzinfo is None or not in_years(instant):
        raise ValueError(f"{name} is not an instant with its zone, in a year that a payment can have")
    return instant


def _whole(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**15:
        raise ValueError(f"{name} is missing or not a whole number of paise")
    return value
