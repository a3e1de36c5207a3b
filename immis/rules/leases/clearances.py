"""Clearances after they are granted: how long they hold, their versions, silence that counts as consent, PARIVESH."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from immis.rules.calendar import add_months, end_of, india_day
from immis.rules.catalogue import Consequence, Finding, OpenTask, SendMessage, rule, trigger
from immis.rules.policy import LANGUAGES, PolicyBook
from immis.rules.writing.numbers import group_indian
from immis.rules.writing.texts import Words, texts

WATER = "water"
#: Every paper that is kept in versions: the three of the path, and the permission of the water resources engineer.
KINDS = texts("leases/clearances")


_FORMS = {"ms", "mr", "mrs", "shri", "pvt", "private", "ltd", "limited", "llp", "co", "company", "the", "and"}


def same_body(row: str, other: str) -> bool:
    """Whether two names as portals write them may be one body: the same words, its legal form aside."""
    plain = [name.casefold().replace("m/s", "ms") for name in (row, other)]
    names = [sorted(set(re.findall(r"\w+", name)) - _FORMS) for name in plain]
    return bool(names[0]) and names[0] == names[1]


@dataclass(frozen=True)
class ValidityFacts:
    """The newest version of a clearance; ``valid_until`` is its last day, None where it names none."""

    lease: str
    clearance: Words
    reference: str
    valid_until: date | None


@dataclass(frozen=True)
class VersionFacts:
    """A version that is handed in: its days, and whether anything was granted before it."""

    clearance: Words
    granted_on: date
    valid_until: date | None
    before_on: date | None


@dataclass(frozen=True)
class CarriedFacts:
    """What a newer order of a clearance does not say: the quantities of the older one, in cubic metres, by name."""

    clearance: Words
    stays_m3: Mapping[str, int]


@dataclass(frozen=True)
class PaperFacts:
    """The document of a version: its size and what its first bytes say it is."""

    document: str
    size_bytes: int
    found_type: str


@dataclass(frozen=True)
class SilenceFacts:
    """An application for a permission and whether it was answered by then."""

    lease: str
    applied_on: date
    answered_on: date | None = None


@dataclass(frozen=True)
class ProposalFacts:
    """A proposal on PARIVESH that stands otherwise than before."""

    lease: str
    ghat: Words
    district: str
    party_id: int
    clearance: Words
    proposal: str
    was: str
    status: str
    status_on: date | None = None


@dataclass(frozen=True)
class DeemedFacts:
    """A permission that counts as given because nobody answered."""

    lease: str
    ghat: Words
    district: str
    party_id: int
    clearance: Words
    applied_on: date
    deemed_on: date


@rule("HLD-20", on="hold.clearance")
def clearance_run_out(facts: ValidityFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No sand leaves on a clearance that has run out (E-087, E-097).

    Clause: tender 21 and 23: all clearances before mining; mining without one is acted upon. Our reading: its last
    day counts in full, then e-challans stop until a newer version is recorded. The Director may settle a doubt.
    """
    policy.at("HLD-20", at)
    if facts.valid_until is None or at < end_of(facts.valid_until):
        return None
    words = {"clearance": dict(facts.clearance), "reference": facts.reference or "—"}
    return Finding("HLD-20", {**words, "valid_until": facts.valid_until, "since": end_of(facts.valid_until)})


@rule("LSE-30", on="clearance.silence")
def silence_is_consent(facts: SilenceFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No answer within a month of the application counts as no objection (E-123).

    Clause: tender 38. Our reading: the month runs from the day of the application to the end of the same day of
    the next month; the permission counts from the day after. The Collector may settle a doubt.
    """
    last_on = add_months(facts.applied_on, int(policy.value("LSE-30", at)))
    if facts.answered_on is not None or at < end_of(last_on):
        return None
    return Finding("LSE-30", {"applied_on": facts.applied_on, "deemed_on": last_on + timedelta(days=1)})


@rule("LSE-31", on="clearance.version")
def version_days(facts: VersionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A version follows a grant, is not of a day to come, and ends no earlier than it begins (E-087).

    Clause: tender 21. Our reading: a newer version supersedes the older from the day of its order; nothing is
    overwritten. The Director may settle a doubt.
    """
    policy.at("LSE-31", at)
    in_order = facts.before_on is not None and facts.before_on <= facts.granted_on <= india_day(at)
    if in_order and (facts.valid_until is None or facts.valid_until >= facts.granted_on):
        return None
    before = facts.before_on or "—"
    days = {"granted_on": facts.granted_on, "valid_until": facts.valid_until or "—", "before_on": before}
    return Finding("LSE-31", {"clearance": dict(facts.clearance), **days})


@rule("LSE-34", on="clearance.carried")
def older_limits_stay(facts: CarriedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A quantity that a newer order is silent about is not dropped: that of the older one binds on (E-087, E-092).

    Clause: tender 21 iv. Our reading: the least that the clearances name binds; silence ends no limit, an order that
    ends one says so. The Director may settle a doubt.
    """
    policy.at("LSE-34", at)
    if not facts.stays_m3:
        return None
    names = [policy.words("LSE-34", name, value=group_indian(value)) for name, value in facts.stays_m3.items()]
    stays = {lang: ", ".join(name[lang] for name in names) for lang in LANGUAGES}
    return Finding("LSE-34", {"clearance": dict(facts.clearance), "stays": stays}, severity="warning")


@rule("LSE-32", on="clearance.paper")
def paper_readable(facts: PaperFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The document of a clearance can be opened and is of a size that can be sent (E-054, E-087).

    Clause: tender 7(na) on legible uploads. Our reading: the same kinds of files for clearances; judged by content,
    not by name. The Director may settle a doubt.
    """
    allowed = policy.value("LSE-32", at)
    fits = 0 < facts.size_bytes <= allowed["most_mb"] * 1_000_000
    if fits and facts.found_type in allowed["types"]:
        return None
    words = {"document": facts.document, "found": facts.found_type or "?", "size_mb": facts.size_bytes // 1_000_000}
    return Finding("LSE-32", {**words, "types": list(allowed["types"]), "most_mb": allowed["most_mb"]})


@trigger("TRG-30", on="clearance.changed")
def proposal_changed(facts: ProposalFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A proposal stands otherwise on PARIVESH: a task for the district, a message to the settlee (A-20).

    Clause: review of 13.01.2026, point viii. Our reading: the portal informs, only a recorded order counts as a
    clearance. The AD (HQ) may settle a doubt.
    """
    due = timedelta(days=int(policy.value("TRG-30", at)))
    return [
        OpenTask("district", "lease", facts.lease, due_in=due, act="inspect", facts=asdict(facts)),
        SendMessage("party", str(facts.party_id), "MSG-30", asdict(facts)),
    ]


@trigger("TRG-31", on="clearance.deemed")
def permission_deemed(facts: DeemedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A permission counts as given by silence: the district looks at it, the settlee learns it (E-123).

    Clause: tender 38. Our reading: the district may still learn of an answer that was not recorded. The Collector
    may settle a doubt.
    """
    due = timedelta(days=int(policy.value("TRG-31", at)))
    return [
        OpenTask("district", "lease", facts.lease, due_in=due, act="inspect", facts=asdict(facts)),
        SendMessage("party", str(facts.party_id), "MSG-31", asdict(facts)),
    ]
