"""The clauses by which no claim is admitted later: each is ticked by itself before bidding, and quoted afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from immis.rules.catalogue import Consequence, Finding, SendMessage, rule, trigger
from immis.rules.policy import PolicyBook

Name = Mapping[str, str]
NO_CLAIM = "AUC-172"


@dataclass(frozen=True)
class TickFacts:
    """An application for a lot that opens at an instant, and the keys of the clauses that were ticked in it."""

    opens_at: datetime
    ticked: Sequence[str] = ()


@dataclass(frozen=True)
class TermsFacts:
    """The terms as a bidder hands them in signed: how many pages, and how many the terms of the notice have."""

    pages: int
    terms_pages: int
    opens_at: datetime


@dataclass(frozen=True)
class QuoteFacts:
    """A clause by which a claim is to be refused, and the clauses that its settlee ticked, by their numbers."""

    clause: str
    ticked: Sequence[str] = ()


@dataclass(frozen=True)
class RefusedClaim:
    """A claim for loss that was refused, with the clause as the settlee ticked it."""

    claim: str
    lease: str
    ghat: Name
    party_id: int
    clause: str
    quoted: Name
    ticked_at: datetime
    reason: str


def no_claim_clauses(policy: PolicyBook, on: date | datetime) -> list[Mapping[str, Any]]:
    """The clauses in the version of a day, in their order: key, number, wording in both languages."""
    return list(policy.value(NO_CLAIM, on))


@rule("AUC-172", on="auction.accept_clauses")
def clauses_not_ticked(facts: TickFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 15, 16, 42(ix), (xii), (xix), (xxxviii): read and accepted before bidding, no later claim.

    Our reading: each of them is a tick of its own under its own words, so that it can be quoted as it was accepted;
    the version is that of the day on which the lot opens. The Collector may settle a doubt.
    """
    rows = no_claim_clauses(policy, facts.opens_at)
    missing = [row["clause"] for row in rows if row["key"] not in facts.ticked]
    return Finding("AUC-172", {"clauses": missing}) if missing else None


@rule("AUC-174", on="auction.upload_terms")
def pages_missing(facts: TermsFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 7(kha): signature with seal on every page of the terms (E-039).

    Our reading: what has fewer pages than the terms cannot hold them; signature and seal are seen by the committee.
    The tender committee may settle a doubt.
    """
    policy.at("AUC-174", facts.opens_at)
    if facts.pages >= facts.terms_pages:
        return None
    return Finding("AUC-174", {"pages": facts.pages, "terms_pages": facts.terms_pages})


@rule("LSE-72", on="claim.quote")
def clause_not_ticked(facts: QuoteFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A claim for loss is refused by a clause that its settlee ticked, and by no other (E-139).

    Clause: tender 15: later claims are not admitted. Our reading: what stands against a settlee is the clause as he
    ticked it; where he ticked nothing here the claim is answered with reasons. The Collector may settle a doubt.
    """
    policy.at("LSE-72", at)
    if facts.clause in facts.ticked:
        return None
    return Finding("LSE-72", {"clause": facts.clause, "ticked": list(facts.ticked) or policy.words("LSE-72", "none")})


@trigger("TRG-172", on="claim.loss_refused")
def loss_refused(facts: RefusedClaim, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A claim for loss was refused: its settlee learns it with the clause as he ticked it.

    Clause: tender 15. Our reading: told at once. The Collector may settle a doubt.
    """
    policy.at("TRG-172", at)
    return [SendMessage("party", str(facts.party_id), "MSG-172", asdict(facts))]
