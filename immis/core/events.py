"""What is told: every kind of event with its payload, its words, its subject, and who gathers facts for its triggers.

A domain declares its events in ``events.py``, read when the apps are ready. ``core.services.emit`` refuses what is
not declared. Howto: ``docs/howto/add-an-event.md``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform

from django.utils import translation

from immis.core.nouns import NOUNS
from immis.late import late

if TYPE_CHECKING:
    import pydantic
else:
    pydantic = late("pydantic")

Names = Mapping[str, str]  # a name in both languages
Facts = dict[str, Any]
Gatherer = Callable[[Any, Any], Mapping[str, Any]]


class NotDeclared(LookupError):
    """Somebody tells, or asks for, what no ``events.py`` declares."""


class Payload:
    """What an event carries. A field with None as its default is left out of the record where it says nothing."""

    KIND: ClassVar[str] = ""
    WORDS: ClassVar[Any] = ""
    #: nouns that the event may be about
    ABOUT: ClassVar[tuple[str, ...]] = ()
    #: whether its records keep it from being told twice, so that old news of it may go (RET-03)
    IS_FORGETTABLE: ClassVar[bool] = False
    #: the field whose own facts stand beside the others: what a rule or an order adds, by its own names
    SPREAD: ClassVar[str] = ""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """The payload from facts by the names of the record. Raises TypeError for missing or unknown names."""
        return cls(**_arguments(cls, facts, unknown=True))


P = TypeVar("P", bound=type[Payload])
EVENTS: dict[str, type[Payload]] = {}
_STEPS: dict[str, Any] = {}
_GATHERERS: dict[type[Payload], Gatherer] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def shared(cls: P) -> P:
    """A payload that several kinds share; ``event`` declares each of them."""
    return dataclass(frozen=True, kw_only=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(kind: str, words: Any, *, about: str | tuple[str, ...] = ()) -> Callable[[P], P]:
    """Declare an event: its kind (``receipt.verified``), its words (a lazy msgid), the noun or nouns it is about.

    Without ``about`` the nouns of the class it rests on hold. Raises ValueError for a kind that is declared already.
    """

    def declare(cls: P) -> P:
        if kind in EVENTS:
            raise ValueError(f"the event {kind} is declared already, by {EVENTS[kind].__qualname__}")
        cls.KIND, cls.WORDS = kind, words
        if about:
            cls.ABOUT = (about,) if isinstance(about, str) else about
        made = shared(cls)
        EVENTS[kind] = made
        return made

    return declare


def step(code: str, words: Any) -> str:
    """Words of a step that the action log keeps and no part is told of; answers the code."""
    if _STEPS.setdefault(code, words) is not words:
        raise ValueError(f"the step {code} is declared already")
    return code


def gathers(*kinds: type[Payload]) -> Callable[[Gatherer], Gatherer]:
    """Declare who gathers the facts for the triggers of events: ``gatherer(payload, event) -> facts``.

    A gatherer that needs more than its own domain stands in the ``events.py`` of the lowest domain that has it all.
    """

    def keep(gatherer: Gatherer) -> Gatherer:
        for each in kinds:
            if each in _GATHERERS:
                raise ValueError(f"{each.KIND} has a gatherer already: {_GATHERERS[each].__qualname__}")
            _GATHERERS[each] = gatherer
        return gatherer

    return keep


def declared(kind: str) -> type[Payload]:
    """The payload of a kind. Raises NotDeclared."""
    try:
        return EVENTS[kind]
    except KeyError:
        raise NotDeclared(f"no events.py declares the event {kind!r}") from None


def words_of(code: str) -> str:
    """An event or a step of the log in words, in the reader's language; the code itself where nobody words it."""
    words = EVENTS[code].WORDS if code in EVENTS else _STEPS.get(code)
    return str(words) if words else code


def names_of(code: str) -> Names:
    """An event or a step of the log in both languages, for papers that show both."""
    names = {}
    for lang in ("en", "hi"):
        with translation.override(lang):
            names[lang] = words_of(code)
    return names


def kinds_of(base: type[Payload]) -> list[str]:
    """The kinds whose payload is, or rests on, a class."""
    return [kind for kind, cls in EVENTS.items() if issubclass(cls, base)]


def forgettable_kinds() -> list[str]:
    """Kinds of news that may be forgotten once it was handled."""
    return [kind for kind, cls in EVENTS.items() if cls.IS_FORGETTABLE]


def facts_of(payload: Payload) -> Facts:
    """The facts of a payload by the names that the record keeps."""
    values = {name: (field, getattr(payload, field.name)) for name, field in _fields(type(payload)).items()}
    facts = {name: value for name, (field, value) in values.items() if value is not None or field.default is not None}
    spread = facts.pop(payload.SPREAD, {}) if payload.SPREAD else {}
    return {**spread, **facts}


@cache
def _fields(cls: type[Payload]) -> dict[str, Any]:
    """The fields by the names that the record keeps: a name that Python reserves is written with a line behind it."""
    return {field.name.rstrip("_"): field for field in fields(cls)}  # type: ignore[arg-type]


def _arguments(cls: type[Payload], facts: Mapping[str, Any], *, unknown: bool) -> Facts:
    """Facts of a record as the arguments of its payload; with ``unknown`` also what it has no field for."""
    known = _fields(cls)
    given = {known[name].name: value for name, value in facts.items() if name in known}
    others = {name: value for name, value in facts.items() if name not in known}
    if cls.SPREAD:
        return {**given, cls.SPREAD: others}
    return {**given, **others} if unknown else given


def check(payload: Payload, subject: tuple[str, str]) -> Facts:
    """The facts of what is told, if it may be told so.

    Raises NotDeclared for another class than the declared one of its kind, or a noun that it is not about;
    TypeError where a value is not of its field's type.
    """
    cls = type(payload)
    if not isinstance(payload, Payload) or EVENTS.get(cls.KIND) is not cls:
        raise NotDeclared(f"no events.py declares {cls.__qualname__} as an event")
    if subject[0] not in cls.ABOUT:
        raise NotDeclared(f"{cls.KIND} is about {' or '.join(cls.ABOUT)}, not about {subject[0]}")
    try:
        _adapter(cls).validate_python({field.name: getattr(payload, field.name) for field in _fields(cls).values()})
    except pydantic.ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors())
        raise TypeError(f"{cls.KIND} cannot be told: {faults}") from error
    return facts_of(payload)


def read(row: Any) -> Payload:
    """The payload of a row of the outbox, each value in its type. Raises NotDeclared, ValidationError."""
    cls = declared(row.kind)
    made: Payload = _adapter(cls).validate_python(_arguments(cls, row.facts, unknown=False))
    return made


def gatherer_of(kind: type[Payload]) -> Gatherer | None:
    """Who completes the facts of an event; None where it says all that its triggers need."""
    return _GATHERERS.get(kind)


def gather(row: Any) -> Facts:
    """The facts of an event for its triggers: what it says, completed from the records by its gatherer."""
    gatherer = gatherer_of(declared(row.kind))
    return dict(gatherer(read(row), row)) if gatherer else dict(row.facts)


@cache
def _adapter(cls: type[Payload]) -> "pydantic.TypeAdapter[Any]":
    return pydantic.TypeAdapter(cls)


def problems() -> list[str]:
    """What is wrong with the declarations as a whole; empty where all hold."""
    faults = [f"{kind} says not what it is about" for kind, cls in EVENTS.items() if not cls.ABOUT]
    faults += [f"{kind} is about {noun}, a noun that nobody declares" for kind, cls in EVENTS.items()
              for noun in cls.ABOUT if noun not in NOUNS]  # fmt: skip
    faults += [f"{code} is declared as an event and as a step" for code in _STEPS if code in EVENTS]
    return faults
