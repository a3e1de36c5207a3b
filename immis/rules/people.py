"""People of the department and of parties: charges of posts, log-ins, offices that close, operators of a settlee."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class ChargeFacts:
    """A charge that a person would be given: what speaks against the person, the office and the dates."""

    person: str
    post: str = ""
    office: str = ""
    office_open: bool = True
    can_log_in: bool = True
    acts_for_party: bool = False
    holds_it: bool = False
    own: bool = False
    additional: bool = False
    begins_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class EndFacts:
    """A charge that would end, be extended or go to somebody else.

    ``over``: it has ended; ``last``: nobody could appoint then; ``endless``: it has no end that could be another.
    """

    person: str
    over: bool = False
    last: bool = False
    endless: bool = False


@dataclass(frozen=True)
class HandoverFacts:
    """A charge that would go to a successor: whether whoever gives such charges appointed him, or decides here."""

    successor: str
    appointed: bool = False
    decides: bool = False


@dataclass(frozen=True)
class CloseFacts:
    """An office that would close: whether it is closed, who holds charges in it, how many offices stand under it."""

    office: str
    closed: bool = False
    people: int = 0
    offices: int = 0


@dataclass(frozen=True)
class KindFacts:
    """An office by its kind: the posts that are held in such offices, and whether an office stands above such."""

    office: str
    posts: tuple[str, ...] = ()
    has_above: bool = False


@dataclass(frozen=True)
class LoginFacts:
    """A log-in that would be disabled or restored: what it is now, whose it is, whether nobody could appoint then."""

    person: str
    active: bool = True
    own: bool = False
    last: bool = False


@dataclass(frozen=True)
class AuthorityFacts:
    """Somebody who would act for a party: whether he holds a charge of the department, or acts for another party."""

    person: str
    in_office: bool = False
    acts_already: bool = False
    ends_at: datetime | None = None


@dataclass(frozen=True)
class StandingFacts:
    """An office, an authority or a request that something would be done with: whether it still stands."""

    about: str
    stands: bool = True


@dataclass(frozen=True)
class OperatorFacts:
    """An e-challan that an operator asks for: his settlements (None: all), his e-challans of the day, their limit."""

    lease: str
    leases: tuple[str, ...] | None = None
    most: int | None = None
    issued: int = 0


def _problem(code: str, problem: str, policy: PolicyBook, at: datetime, /, **facts: Any) -> Finding | None:
    """A finding with its problem in words; none where nothing is wrong."""
    policy.at(code, at)
    words: Mapping[str, str] = policy.words(code, problem) if problem else {}
    return Finding(code, {**facts, "problem": dict(words)}) if problem else None


@rule("PPL-01", on="charge.give")
def charge_unfit(facts: ChargeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xiii: the department keeps who has a log-in, by what order.

    Our reading: a charge goes to a person with a working log-in who acts for no party, in an open office; nobody gives
    it to himself; an additional charge has an end. Who may settle a doubt: AD (HQ).
    """
    tests = {
        "own": facts.own,
        "closed": not facts.office_open,
        "disabled": not facts.can_log_in,
        "party": facts.acts_for_party,
        "held": facts.holds_it,
        "no_end": facts.additional and facts.ends_at is None,
        "past": facts.ends_at is not None and facts.ends_at <= max(at, facts.begins_at or at),
    }
    problem = next((name for name, holds in tests.items() if holds), "")
    return _problem("PPL-01", problem, policy, at, person=facts.person)


@rule("PPL-02", on="charge.end")
def charge_over(facts: EndFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xiii.

    Our reading: what is over cannot be handed over; the last person who may appoint others stays. Who may settle a
    doubt: AD (HQ).
    """
    problem = "over" if facts.over else "last" if facts.last else "endless" if facts.endless else ""
    return _problem("PPL-02", problem, policy, at, person=facts.person)


@rule("PPL-12", on="charge.hand_over")
def successor_not_appointed(facts: HandoverFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xiii: the department keeps who has a log-in, by what order.

    Our reading: whoever gives charges names the successor; the holder hands over to him and to nobody else. Who may
    settle a doubt: AD (HQ).
    """
    policy.at("PPL-12", at)
    return None if facts.appointed or facts.decides else Finding("PPL-12", {"person": facts.successor})


@rule("PPL-03", on="office.close")
def office_in_use(facts: CloseFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xiii.

    Our reading: an office closes when its charges are handed over and no open office stands under it. Who may settle a
    doubt: AD (HQ).
    """
    problem = "closed" if facts.closed else "people" if facts.people else "offices" if facts.offices else ""
    counts = {"people": facts.people, "offices": facts.offices}
    return _problem("PPL-03", problem, policy, at, office=facts.office, **counts)


@rule("PPL-04", on="user.disable_login")
def login_stays(facts: LoginFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xiii.

    Our reading: nobody disables his own log-in, nor that of the last person who could restore it. Who may settle a
    doubt: AD (HQ).
    """
    problem = "disabled" if not facts.active else "own" if facts.own else "last" if facts.last else ""
    return _problem("PPL-04", problem, policy, at, person=facts.person)


@rule("PPL-05", on="user.restore_login")
def login_works(facts: LoginFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xiii: disabled log-ins of officers of headquarters are restored.

    Our reading: by somebody else, with reason and order. Who may settle a doubt: AD (HQ).
    """
    problem = "active" if facts.active else "own" if facts.own else ""
    return _problem("PPL-05", problem, policy, at, person=facts.person)


@rule("PPL-06", on="authority.give")
def no_representative(facts: AuthorityFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Munger tender 2026, clauses 42(viii) and 42(xxxii): the settlee or his authorised representatives.

    Our reading: an officer represents no settlee, and a person acts for one party at a time. Who may settle a doubt:
    Director of Mines.
    """
    tests = {
        "office": facts.in_office,
        "other": facts.acts_already,
        "past": facts.ends_at is not None and facts.ends_at <= at,
    }
    problem = next((name for name, holds in tests.items() if holds), "")
    return _problem("PPL-06", problem, policy, at, person=facts.person)


@rule("PPL-07", on="authority.end")
def authority_over(facts: StandingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Munger tender 2026, clause 42(viii).

    Our reading: what is over stays over; a new authority is given. Who may settle a doubt: Director of Mines.
    """
    policy.at("PPL-07", at)
    return None if facts.stands else Finding("PPL-07", {"person": facts.about})


@rule("PPL-08", on="challan.operate")
def beyond_operator(facts: OperatorFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Munger tender 2026, clause 42(xxxii): what comes from the settlee's log-in counts as checked by him.

    Our reading: he may therefore bound what an operator does in his name: which settlements, how many e-challans a
    day. Who may settle a doubt: Director of Mines.
    """
    elsewhere = facts.leases is not None and facts.lease not in facts.leases
    spent = facts.most is not None and facts.issued >= facts.most
    problem = "lease" if elsewhere else "spent" if spent else ""
    figures = {"lease": facts.lease, "most": facts.most, "issued": facts.issued}
    return _problem("PPL-08", problem, policy, at, **figures)


@rule("PPL-10", on="data_request.answer")
def request_answered(facts: StandingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Digital Personal Data Protection Act 2023, sections 11 to 14.

    Our reading: an answer stands; who is not content asks again, or complains. Who may settle a doubt: the
    department's data protection officer.
    """
    policy.at("PPL-10", at)
    return None if facts.stands else Finding("PPL-10", {"number": facts.about})


@rule("PPL-11", on="office.order")
def office_closed(facts: StandingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xiii.

    Our reading: a closed office keeps its records and its name; nobody is appointed to it, nothing opens under it. Who
    may settle a doubt: AD (HQ).
    """
    policy.at("PPL-11", at)
    return None if facts.stands else Finding("PPL-11", {"office": facts.about})


@rule("PPL-13", on="office.appoint")
def no_post_there(facts: KindFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xiii.

    Our reading: a charge is that of a post, and each post is held in offices of its kinds only. Who may settle a
    doubt: AD (HQ).
    """
    policy.at("PPL-13", at)
    return None if facts.posts else Finding("PPL-13", {"office": facts.office})


@rule("PPL-14", on="office.place")
def nothing_above(facts: KindFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xiii.

    Our reading: headquarters stands at the head of the tree. Who may settle a doubt: AD (HQ).
    """
    policy.at("PPL-14", at)
    return None if facts.has_above else Finding("PPL-14", {"office": facts.office})
