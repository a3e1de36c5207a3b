"""What the office asks of a gateway of SMS, in its own words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

#: accepted: the gateway has it; refused: it will never send it; not_sent: it surely does not have it, try again;
#: unknown: it may have it, so it must not be sent again.
Verdict = Literal["accepted", "refused", "not_sent", "unknown"]


@dataclass(frozen=True)
class Sms:
    """One SMS: our reference, the number (ten digits), the text to the letter, its header and registered number."""

    reference: str
    phone: str
    text: str
    header: str
    number: str
    is_latin: bool


@dataclass(frozen=True)
class Answer:
    """What a gateway answered for one SMS; ``gateway_id`` is its own number, ``code`` and ``words`` as it gave them."""

    reference: str
    verdict: Verdict
    gateway_id: str = ""
    code: str = ""
    words: str = ""


@dataclass(frozen=True)
class Report:
    """What became of an SMS that a gateway had; ``waiting`` while it does not know yet."""

    gateway_id: str
    state: Literal["delivered", "undelivered", "waiting"]
    reported_at: datetime | None = None
    code: str = ""
    words: str = ""


#: Takes what a gateway tells by itself: a report, or the late answer to an SMS whose outcome was unknown.
Keep = Callable[[Report | Answer], None]


class SmsGateway(Protocol):
    """A gateway. None of its methods raises for what the other side does."""

    def open(self, keep: Keep) -> None:
        """Keep a line open over which reports come, where the gateway works so; ``keep`` is called in its own thread.

        A report is acknowledged to the other side after ``keep`` has returned.
        """

    def send(self, batch: Sequence[Sms]) -> Iterable[Answer]:
        """Hand SMS over; answers one verdict each, as they come. Each is handed over once, whatever happens."""

    def reports(self, gateway_ids: Sequence[str]) -> list[Report]:
        """Ask what became of SMS; empty where the gateway tells by itself, or does not answer."""

    def close(self) -> None:
        """End the line."""


@dataclass(frozen=True)
class Line:
    """Where a gateway is and who we are to it; secrets never reach a log.

    ``entity`` is our number with the operators (PE), ``key`` the secure key of Mobile Seva, ``report_url`` where
    reports are asked for, ``tags`` the hexadecimal tags of SMPP for entity and registered text.
    """

    url: str
    user: str
    password: str = field(repr=False, default="")
    key: str = field(repr=False, default="")
    entity: str = ""
    report_url: str = ""
    tags: str = "1400,1401"
