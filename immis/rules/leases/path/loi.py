"""The letter of intent: what must be paid and handed in before it, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from immis.rules.auctions.lots import HeldBlock
from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import Words


@dataclass(frozen=True)
class RelatedPerson:
    """A director, member or partner of a body (clause 20 v): other blocks behind which he stands, cases, bars."""

    name: str
    held: Sequence[HeldBlock] = ()
    cases: Sequence[str] = ()
    debarments: Sequence[str] = ()


@dataclass(frozen=True)
class LoiFacts:
    """What stands before the LoI: security, copies of documents, asset statements and members of a body."""

    party: Words
    party_kind: str
    auction_closed_on: date
    security_paise: int
    security_open_paise: int
    documents_received_on: date | None = None
    assets_received_on: date | None = None
    river: str = ""
    area_ha: Decimal = Decimal(0)
    related: Sequence[RelatedPerson] = ()


@dataclass(frozen=True)
class StatementFacts:
    """The list that a body hands in: who is named, who of them without a statement of assets, and its own."""

    party: Words
    party_kind: str
    persons: Sequence[str] = ()
    without: Sequence[str] = ()
    own: bool = False


def security_due_on(closed_on: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day for the security after the auction's day (tender clause 20 i)."""
    return closed_on + timedelta(days=int(policy.value("LSE-01", on)))


def documents_due_on(closed_on: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day for self-attested copies (tender clause 20 iv)."""
    return closed_on + timedelta(days=int(policy.value("LSE-02", on)))


def assets_due_on(party_kind: str, closed_on: date, *, policy: PolicyBook, on: date | datetime) -> date | None:
    """The last day for the asset statements of a body; None for a person, who is not asked (clause 20 v)."""
    terms = policy.value("LSE-03", on)
    return closed_on + timedelta(days=int(terms["days"])) if party_kind in terms["kinds"] else None


@rule("LSE-01", on="lease.issue_loi")
def security_not_paid(facts: LoiFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No LoI before the security is paid and verified (E-078, E-079).

    Clause: tender 20 i. Our reading: a late security still opens the LoI unless the Collector orders forfeiture.
    The Collector may settle a doubt.
    """
    due_on = security_due_on(facts.auction_closed_on, policy=policy, on=at)
    if facts.security_open_paise == 0:
        return None
    sums = {"security_paise": facts.security_paise, "open_paise": facts.security_open_paise}
    return Finding("LSE-01", {**sums, "due_on": due_on})


@rule("LSE-02", on="lease.issue_loi")
def documents_not_received(facts: LoiFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No LoI before the self-attested copies are received (E-085).

    Clause: tender 20 iv. Our reading: a condition of the LoI like the asset statements. The Collector may settle
    a doubt.
    """
    due_on = documents_due_on(facts.auction_closed_on, policy=policy, on=at)
    return None if facts.documents_received_on else Finding("LSE-02", {"due_on": due_on})


@rule("LSE-03", on="lease.issue_loi")
def assets_not_received(facts: LoiFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No LoI to a body before its members and asset statements are received; the MDO answers in person (E-086).

    Clause: tender 20 v. Our reading: a person and a sole proprietor are not asked. The Collector may settle a doubt.
    """
    due_on = assets_due_on(facts.party_kind, facts.auction_closed_on, policy=policy, on=at)
    if due_on is None or facts.assets_received_on:
        return None
    return Finding("LSE-03", {"party": dict(facts.party), "due_on": due_on})


@rule("LSE-75", on="lease.record_assets")
def statements_not_complete(facts: StatementFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Every person behind a body is listed with movable and immovable property, and so is the body's own (E-086).

    Clause: tender 20 v. Our reading: a list without persons, or a person without a statement, is no receipt; nil is
    stated as 0. The Collector may settle a doubt.
    """
    policy.at("LSE-75", at)
    if facts.persons and facts.own and not facts.without:
        return None
    key = "nobody" if not facts.persons else "of" if facts.without else "own"
    missing = policy.words("LSE-75", key, persons=", ".join(facts.without))
    return Finding("LSE-75", {"party": dict(facts.party), "missing": missing})
