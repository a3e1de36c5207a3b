"""A notice that is published: its programme changed by corrigendum, its tender document downloaded."""

from dataclasses import dataclass
from datetime import date, datetime

from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class ChangeFacts:
    """A corrigendum of a programme: how many auctions are still to end, its reason, whether anything changes."""

    notice: str
    open_lots: int
    reason: str
    changed: bool = True
    replaced: bool = False


@dataclass(frozen=True)
class DownloadFacts:
    """Somebody who would download the tender document: from when it is there, its fee, whether he paid it."""

    from_on: date | None
    fee_rupees: int
    paid: bool
    office: bool = False


@rule("NTC-30", on="notice.change_programme")
def programme_stays(facts: ChangeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 11 (E-059, E-060): the programme is changed before completion, by written notice.

    Our reading: with a reason in words, as long as an auction of the notice has not ended. The department may settle
    a doubt.
    """
    policy.value("NTC-30", at)
    faults = {
        "replaced": facts.replaced,
        "completed": not facts.open_lots,
        "no_reason": not facts.reason.strip(),
        "unchanged": not facts.changed,
    }
    fault = next((name for name, applies in faults.items() if applies), "")
    if not fault:
        return None
    why = policy.words("NTC-30", fault)
    return Finding("NTC-30", {"notice": facts.notice, "why_en": why["en"], "why_hi": why["hi"]})


@rule("NTC-31", on="notice.download")
def not_to_be_downloaded(facts: DownloadFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice, paragraph 1 (E-004): the tender document is downloaded after online payment of its sale fee.

    Our reading: from the day of the programme on; an office reads it as its own. The department may settle a doubt.
    """
    policy.value("NTC-31", at)
    begun = facts.from_on is None or india_day(at) >= facts.from_on
    if facts.office or (begun and (facts.paid or not facts.fee_rupees)):
        return None
    return Finding("NTC-31", {"from_on": facts.from_on, "fee_rupees": facts.fee_rupees})
