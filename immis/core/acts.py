"""What a post may do to a record: each act is declared once, beside its noun, for page, API, desk and test.

An act's name is its grant (``lease.extend_clock``), unless several acts share one. Whether it fits a record now is the
rule book's to say: its gates are occasions of rules, the same that the service behind it asks, so that there is one
answer to "why can I not?". A domain declares its acts in its ``acts``, which are read when the project starts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.db import IntegrityError
from django.utils.functional import lazy
from django.utils.translation import get_language

from immis.core.access.permissions import Actor
from immis.core.clashes import refusal_of
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.grants import may
from immis.core.nouns import NOUNS, Noun, Page
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book
from immis.rules.posts import chart

Kind = Literal[
    "text",
    "long_text",
    "number",
    "decimal",
    "rupees",
    "day",
    "instant",
    "choice",
    "choices",
    "yes_no",
    "file",
    "document",
]
#: What is asked about a record, for a viewer, at an instant.
Asked = Callable[[Any, Actor, datetime], Any]
#: What is wrong with the values of a form as a whole, for a viewer, at an instant: words by the name of a field.
Check = Callable[[Mapping[str, Any], Actor, datetime], Mapping[str, Any]]


@dataclass(frozen=True)
class Shut:
    """The words of a choice that is shown but cannot be made now, and the findings that say why."""

    words: str
    findings: Sequence[Finding]


@dataclass(frozen=True)
class Field:
    """One thing that an act asks for.

    ``choices`` are (value, words) pairs, or a function of record, viewer and instant that answers them (``Shut``
    stands for the words of one that a page does not let choose); ``read``
    turns the cleaned value into what the service takes and raises ``Unreadable`` (or ValueError in words); ``asked``
    says whether a record still wants it (the service is not given what was not asked); ``least`` and ``most`` bound
    numbers, ``max_length`` texts, ``digits`` and ``places`` decimals; ``pattern`` is the form of a text for programs,
    ``mark`` the name by which a script of the page finds its field (``data-…``). ``named`` is its label where the
    record names it; ``one_of`` several that ``check`` wants one of is not called optional; ``look`` is how a page draws
    it where that is not by its kind, ``attrs`` what its control has
    beside its name.
    A ``document`` is the paper of an order: PDF, JPG or PNG of a set size (HLD-14).
    """

    name: str
    kind: Kind
    label: Any
    required: bool = True
    help: Any = ""
    max_length: int = 300
    pattern: str = ""
    least: int | Decimal | None = 0
    most: int | Decimal | None = None
    digits: int = 12
    places: int = 2
    choices: Sequence[tuple[Any, Any]] | Asked = ()
    initial: Asked | None = None
    mark: str = ""
    read: Callable[[Any], Any] | None = None
    asked: Asked | None = None
    named: Asked | None = None
    look: Literal["", "radio", "hidden"] = ""
    one_of: bool = False
    attrs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Gate:
    """An occasion of the rule book (``lease.cancel``) and what gathers its facts; a list of facts is asked one by one.

    The gate is shut by each finding that refuses; it stands open where no rule of the occasion is in force.
    """

    on: str
    gather: Asked


@dataclass(frozen=True)
class Second:
    """The other person of an act of two: who holds ``grant`` proposes it by ``propose``, a service like ``Act.do``.

    ``gate`` stands before the person who then does it, and asks for a proposal of somebody else.
    """

    grant: str
    label: Any
    done: Any
    propose: Callable[..., Any]
    gate: Gate


@dataclass(frozen=True)
class Act:
    """What a post may do to a record of a noun.

    Without a ``label`` it is called as its grant is, in both languages (``policy/posts.yaml``).
    ``do`` is the service: it takes the record under the noun's name, ``by``, ``at`` and the fields by keyword.
    ``clause`` is a code of the rule book; ``ends`` says in words what ends with the act, and is confirmed first.
    ``place`` is the page of the noun that draws it, ``word`` what its form sends there as ``act``; ``done`` says that
    it is done, where "recorded" does not; ``leads_to`` is the page to go on with, by what the service answers.
    ``check`` looks at the fields together. One that ``opens`` a record is done to none before: its service answers
    the new record, and takes none. One that leads ``outside``, into another system, names the address there by what
    its service answers (empty: it stays here), which then takes ``return_url``, the page to come back to. ``key`` does
    it from the keyboard. ``anywhere``: whoever sees the record does it, wherever it lies. ``done`` may hold %(act)s and
    %(number)s, or be a function of what the service answers; warnings stand beside it as (record, findings). ``makes``
    is the noun of what the service answers, where that is another record. ``tries_kept``: a try that the law refuses
    is kept on record by the service, which is asked even where a gate is shut. ``of_others``: it is done to what is in
    other hands than one's own (``Noun.is_for``).
    """

    name: str
    label: Any
    clause: str
    do: Callable[..., Any]
    fields: tuple[Field, ...] = ()
    fits: tuple[Gate, ...] = ()
    ends: Any = ""
    second: Second | None = None
    place: str = ""
    word: str = ""
    done: Any = ""
    shared_grant: str = ""
    check: Check | None = None
    leads_to: Callable[[Any], Page] | None = None
    opens: bool = False
    anywhere: bool = False
    outside: Callable[[Any], str] | None = None
    key: str = ""
    makes: str = ""
    tries_kept: bool = False
    of_others: bool = False

    @property
    def kind(self) -> str:
        """The name of the noun that it is done to."""
        return self.name.partition(".")[0]

    @property
    def noun(self) -> Noun:
        return NOUNS[self.kind]

    @property
    def grant(self) -> str:
        """The grant that a post needs to do it."""
        return self.shared_grant or self.name

    @property
    def sent(self) -> str:
        """What the form of a page sends as ``act``."""
        return self.word or self.name.partition(".")[2]


@dataclass(frozen=True)
class Offer:
    """An act before one viewer and one record now; ``findings`` say why it does not fit, none that it does."""

    act: Act
    record: Any
    by: Actor
    at: datetime
    proposes: bool = False
    findings: Sequence[Finding] = field(default=())

    @property
    def fits(self) -> bool:
        return not self.findings

    @property
    def open(self) -> bool:
        """Whether its form may be sent: it fits, or its tries are kept."""
        return self.fits or self.act.tries_kept

    @property
    def label(self) -> str:
        """The act in words, or that it is proposed."""
        second = self.act.second
        return str(second.label) % {"act": self.act.label} if second and self.proposes else str(self.act.label)


ACTS: dict[str, Act] = {}


def declare(*acts: Act, place: str) -> None:
    """Make the acts of one page of a noun known. Raises ValueError for one declared twice or without its noun."""
    for act in acts:
        if act.name in ACTS or act.kind not in NOUNS:
            raise ValueError(f"act {act.name} is declared twice, or its noun is not declared")
        ACTS[act.name] = replace(act, place=place, label=act.label or _called(act.grant))


def _title(grant: str) -> str:
    """The title of a grant, in the language of the reader."""
    return chart().grant(grant).title["en" if (get_language() or "hi").startswith("en") else "hi"]


_called = lazy(_title, str)


def acts_of(noun: str, *, place: str | None = None) -> list[Act]:
    """The acts on a noun as they are declared; with ``place`` those of one page."""
    acts = [act for act in ACTS.values() if act.kind == noun]
    return [act for act in acts if place is None or act.place == place]


def holds(by: Actor, act: Act, record: Any = None) -> bool:
    """Whether this person may do the act, or propose it, where it fits; with a record, to this one."""
    if record is not None and act.noun.is_for is not None and act.noun.is_for(by, record) == act.of_others:
        return False
    grants = [act.grant, *([act.second.grant] if act.second else [])]
    return any(_granted(by, act, grant, record) for grant in grants)


def _granted(by: Actor, act: Act, grant: str, record: Any) -> bool:
    """Whether a post holds a grant whose reach takes in the record; whose party it is, the noun has found."""
    district = None if record is None or act.anywhere else act.noun.district(record)
    return may(by, grant) if by.party_id or district is None else may(by, grant, district=district)


def offers(
    noun: str,
    record: Any,
    *,
    by: Actor,
    at: datetime,
    place: str | None = None,
    gathered: Mapping[Asked, Any] | None = None,
    sent: str | None = None,
) -> list[Offer]:
    """The acts that this viewer holds a grant of, each with why it does not fit the record now.

    Without a record: the acts that open one. ``gathered`` are facts by their gatherer, where a page of many records
    asked for them once; ``sent`` is the word of the only act that is asked for.
    """
    asked: dict[Any, list[Any]] = {gather: [facts] for gather, facts in (gathered or {}).items()}
    known = [act for act in acts_of(noun, place=place) if act.opens == (record is None) and sent in (None, act.sent)]
    return [_offer(act, record, by, at, asked) for act in known if holds(by, act, record)]


def record_of(kind: str, number: str, by: Actor) -> Any:
    """The record of a noun that takes acts. Raises NotFound unless this viewer may see it."""
    find = NOUNS[kind].find
    assert find is not None, f"the noun {kind} tells no record"
    return find(number, by)


def reached(name: str, number: str, *, by: Actor) -> Any:
    """The record that somebody may do an act to, as far as grant and reach go; None for one that opens a record.

    Raises NotFound for an unknown act or record, NotPermitted without the grant.
    """
    act = ACTS.get(name)
    if act is None:
        raise NotFound(f"act {name}")
    if not holds(by, act):
        raise NotPermitted(f"{act.grant} is not granted to {by.role}")
    record = None if act.opens else record_of(act.kind, number, by)
    if not holds(by, act, record):
        raise NotPermitted(f"{act.grant} of {by.role} does not reach {number}")
    return record


def offer_of(name: str, number: str, *, by: Actor, at: datetime) -> Offer:
    """One act on one record; one that opens a record has no number. Raises as ``reached`` does."""
    record = reached(name, number, by=by)
    return offer_on(ACTS[name], record, by=by, at=at)


def offer_on(act: Act, record: Any, *, by: Actor, at: datetime) -> Offer:
    """An act on a record that this person has reached."""
    return _offer(act, record, by, at, {})


def perform(offer: Offer, values: Mapping[str, Any]) -> Any:
    """Do an act with its cleaned fields, or propose it. Raises Refusal with every reason why it does not fit.

    What the rules let pass and the database does not keep is refused in words too (REC-05, REC-06).
    """
    if not offer.open:
        raise Refusal(offer.findings)
    act = offer.act
    service = act.second.propose if act.second and offer.proposes else act.do
    about = {} if act.opens else {act.kind: offer.record}
    try:
        return service(**about, by=offer.by, at=offer.at, **values)
    except IntegrityError as fault:
        if refusal := refusal_of(fault):
            raise refusal from fault
        raise


def _offer(act: Act, record: Any, by: Actor, at: datetime, asked: dict[Any, list[Any]]) -> Offer:
    proposes = not _granted(by, act, act.grant, record)
    gates = (*act.fits, *((act.second.gate,) if act.second and not proposes else ()))
    shut = (_findings(gate, record, by, at, asked) for gate in gates)
    return Offer(act, record, by, at, proposes, next((result for result in shut if result), ()))


def _findings(gate: Gate, record: Any, by: Actor, at: datetime, asked: dict[Any, list[Any]]) -> Sequence[Finding]:
    """The findings that shut a gate; what is gathered once for a record serves all its acts."""
    if gate.gather not in asked:
        facts = gate.gather(record, by, at)
        asked[gate.gather] = facts if isinstance(facts, list) else [facts]
    results = [row for facts in asked[gate.gather] for row in find(gate.on, facts, policy=book(), at=at)]
    return [finding for finding in results if finding.severity == "refuse"]
