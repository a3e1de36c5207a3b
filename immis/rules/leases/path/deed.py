"""The deed: what must be there before it is executed, and until when it is registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from immis.rules.calendar import add_months
from immis.rules.catalogue import Finding, rule
from immis.rules.leases.path.clearances import missing_of
from immis.rules.ledger.receipts import STATE_WORDS
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class DeedFacts:
    """What stands before the deed: clearances granted, the first instalment (open, waiting or settled), the security.

    ``security_open_paise`` is what the ledger does not hold of the security on this day.
    """

    granted: Sequence[str]
    first_instalment_paise: int
    first_instalment_state: str
    security_open_paise: int = 0


@dataclass(frozen=True)
class RegistrationFacts:
    """The days on which a deed was executed and registered."""

    deed_on: date
    registered_on: date
    extended_to: date | None = None


def registration_due_on(deed_on: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day to register a deed (clause 22 ii)."""
    return add_months(deed_on, int(policy.value("LSE-09", on)))


@rule("LSE-07", on="lease.execute_deed")
def clearances_missing(facts: DeedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No deed before plan, EC and consents are granted (E-087, E-095).

    Clause: tender 21 and 22 i. Our reading: all three. The Collector may settle a doubt.
    """
    missing = missing_of(policy.value("LSE-07", at), facts.granted)
    return Finding("LSE-07", {"missing": missing}) if missing else None


@rule("LSE-08", on="lease.execute_deed")
def first_instalment_missing(facts: DeedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No deed before the first instalment is paid and verified (E-098).

    Clause: tender 24(ii), first instalment (ka). Our reading: paid means verified by the district. The Collector
    may settle a doubt.
    """
    policy.at("LSE-08", at)
    if facts.first_instalment_state == "settled":
        return None
    words = {"amount_paise": facts.first_instalment_paise, "state": STATE_WORDS[facts.first_instalment_state]}
    return Finding("LSE-08", words)


@rule("LSE-55", on="lease.execute_deed")
def security_not_held(facts: DeedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No deed while the required security is not held, though it was once: the bank may have taken it back (E-095).

    Clause: tender 22 i, the required security deposited. Our reading: what the ledger holds on the day of the deed.
    The Collector may settle a doubt.
    """
    policy.at("LSE-55", at)
    return Finding("LSE-55", {"open_paise": facts.security_open_paise}) if facts.security_open_paise else None


@rule("LSE-09", on="lease.record_registration")
def registered_late(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The deed was registered later than the month the clause gives (E-096).

    Clause: tender 22 ii. Our reading: recorded, not refused. The Collector may settle a doubt.
    """
    due_on = registration_due_on(facts.deed_on, policy=policy, on=at)
    due_on = max(due_on, facts.extended_to or due_on)
    if facts.registered_on <= due_on:
        return None
    return Finding("LSE-09", {"registered_on": facts.registered_on, "due_on": due_on}, severity="warning")
