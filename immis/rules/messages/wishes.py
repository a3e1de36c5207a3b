"""Which messages a reader may switch off for a way, and which the law sends him all the same."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook

#: The ways that can be switched off; the portal keeps every message.
WAYS = ("email", "sms")


@dataclass(frozen=True)
class MessageKind:
    """A kind of messages: its name, the codes of its messages, the ways by which the law sends it in any case."""

    name: str
    codes: tuple[str, ...]
    always: tuple[str, ...]

    def may_be_off(self, way: str) -> bool:
        """Whether a reader may switch it off for a way."""
        return way not in self.always


def message_kinds(policy: PolicyBook, at: datetime) -> list[MessageKind]:
    """The kinds of messages that a reader chooses among (SMS-07)."""
    rows: Mapping[str, Mapping[str, list[str]]] = policy.value("SMS-07", at)
    return [MessageKind(name, tuple(row["codes"]), tuple(row["always"])) for name, row in rows.items()]


def mark_of(kind: str, way: str) -> str:
    """How a wish keeps that a kind is off for a way."""
    return f"{kind}:{way}"


def is_off(template: str, way: str, off: Collection[str], *, policy: PolicyBook, at: datetime) -> bool:
    """Whether a message does not go out by a way, as its reader switched its kind off there (SMS-07).

    Clause: tender 42(i) (E-127); review of 13.01.2026, point iii (A-09). Our reading: what the law sends, and what is
    of no kind, goes out whatever was wished. Who may settle a doubt: the AD (HQ).
    """
    kind = next((row for row in message_kinds(policy, at) if template in row.codes), None)
    return kind is not None and kind.may_be_off(way) and mark_of(kind.name, way) in off


def is_always(template: str, way: str, *, policy: PolicyBook, at: datetime) -> bool:
    """Whether the law sends a message by a way, whatever its reader wishes (SMS-07)."""
    return any(template in row.codes and way in row.always for row in message_kinds(policy, at))


@dataclass(frozen=True)
class WishFacts:
    """What a reader wants to switch off: kinds with their way (``mark_of``)."""

    off: tuple[str, ...]


@rule("SMS-08", on="message.wish")
def sent_by_law(facts: WishFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """What the law sends by a way is not switched off there.

    Clause: tender 42(i) (E-127); review of 13.01.2026, point iii (A-09). Our reading: SMS-07 says which. Who may settle
    a doubt: the AD (HQ).
    """
    policy.at("SMS-08", at)
    free = {mark_of(kind.name, way) for kind in message_kinds(policy, at) for way in WAYS if kind.may_be_off(way)}
    kept = [mark for mark in facts.off if mark not in free]
    if not kept:
        return None
    name, _, way = kept[0].partition(":")
    known = name in policy.value("SMS-07", at)
    kind = policy.words("SMS-07", name) if known else {"en": name, "hi": name}
    return Finding("SMS-08", {"kind": kind, "way": policy.words("SMS-07", way) if way in WAYS else way})
