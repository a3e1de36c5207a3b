"""Notices to a settlee and what follows from them: the certificate case, the end by order."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import texts

NOTICES = texts("leases/notices")
_NOTICE_CODES = {"show_cause": "LSE-25", "non_payment": "LSE-24", "surrender_dues": "LSE-23"}


@dataclass(frozen=True)
class CertificateFacts:
    """Dues after a notice: its last day (None: no notice), and what is still open."""

    today: date
    due_on: date | None
    open_paise: int


@dataclass(frozen=True)
class CancelFacts:
    """A cancellation before the Collector: the notice that went before it, its last day, reply and open dues."""

    today: date
    notice: str = ""
    due_on: date | None = None
    replied: bool = False
    open_paise: int = 0


@dataclass(frozen=True)
class MailFacts:
    """An e-mail about a settlement: who sent it, and the address on the record of its settlee."""

    lease: str
    sender: str
    address: str


def notice_due_on(kind: str, issued_on: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day to answer or pay on a notice (clauses 31 ii; 42 xvii, xviii)."""
    return issued_on + timedelta(days=int(policy.value(_NOTICE_CODES[kind], on)))


def reminder_days(due_on: date, today: date, *, policy: PolicyBook, on: date | datetime) -> int | None:
    """Which reminder is the one to send today: the least of the set days that is not less than the days left.

    None when the day is further off than the first reminder, or past. A worker that slept sends one, not all.
    """
    left = (due_on - today).days
    fitting = [int(days) for days in policy.value("LSE-40", on) if days >= left]
    return min(fitting) if left >= 0 and fitting else None


@rule("LSE-23", on="lease.certificate")
def certificate_too_early(facts: CertificateFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Recovery under the Public Demands Recovery Act follows a notice of 21 days that brought no payment (E-112).

    Clause: tender 31 ii. Our reading: the notice's last day counts in full. The Collector may settle a doubt.
    """
    policy.at("LSE-23", at)
    if facts.due_on and facts.today > facts.due_on and facts.open_paise:
        return None
    return Finding("LSE-23", {"due_on": facts.due_on, "open_paise": facts.open_paise})


@rule("LSE-24", on="lease.cancel")
def dues_notice_running(facts: CancelFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """For unpaid dues a settlement is cancelled only after 30 days' notice, and not when they were paid (E-145).

    Clause: tender 42(xviii). Our reading: the thirtieth day counts in full; payment before the order ends the matter.
    The Collector may settle a doubt.
    """
    policy.at("LSE-24", at)
    if facts.notice != "non_payment" or (facts.due_on and facts.today > facts.due_on and facts.open_paise):
        return None
    return Finding("LSE-24", {"due_on": facts.due_on, "open_paise": facts.open_paise})


@rule("LSE-25", on="lease.cancel")
def no_cause_asked(facts: CancelFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No cancellation without a notice to show cause: it was answered, or its time is over (E-144).

    Clause: tender 42(xvii), which names no days. Our reading: the days of the value. The Collector may settle a doubt.
    """
    policy.at("LSE-25", at)
    if facts.notice == "non_payment":
        return None
    if facts.notice == "show_cause" and (facts.replied or (facts.due_on and facts.today > facts.due_on)):
        return None
    return Finding("LSE-25", {"due_on": facts.due_on})


@rule("LSE-69", on="lease.mail")
def not_the_settlees_mail(facts: MailFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Only correspondence by e-mail is recognised (E-127).

    Clause: tender 42(i). Our reading: the settlee's is what comes from the address on his record. The Collector may
    settle a doubt.
    """
    policy.value("LSE-69", at)
    if facts.sender.strip().casefold() == facts.address.strip().casefold():
        return None
    return Finding("LSE-69", {"lease": facts.lease, "sender": facts.sender, "address": facts.address})
