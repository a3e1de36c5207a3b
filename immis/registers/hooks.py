"""What a domain adds to the acts of a register: it completes or refuses before one is written, and follows after it.

A domain declares it in its ``entries.py``, read when the apps are ready. What is declared here holds at every door:
page, API, import and the domain's own services.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from immis.core.access.permissions import Actor
from immis.registers.declaration import Act, Register
from immis.registers.models import Entry


@dataclass
class Draft:
    """An act before it is written; what stands here is what will be kept.

    ``key``: the same key again answers the entry that it made. ``open_as``: while the entry is open no other has it.
    """

    register: Register
    act: Act
    values: dict[str, Any]
    by: Actor
    at: datetime
    entry: Entry | None
    district: str
    party_id: int | None
    reason: str = ""
    key: str | None = None
    open_as: str = ""


Before = Callable[[Draft], None]
After = Callable[[Entry, Actor, datetime], None]
Sight = Callable[[Actor], Q]
_BEFORE: dict[tuple[str, str], Before] = {}
_AFTER: dict[tuple[str, str], After] = {}
_SIGHT: dict[str, Sight] = {}


def before(register: str, *acts: str) -> Callable[[Before], Before]:
    """Declare who completes an act of a register, or refuses it with Refusal or NotPermitted."""

    def keep(hook: Before) -> Before:
        _BEFORE.update({(register, act): hook for act in acts})
        return hook

    return keep


def after(register: str, *acts: str) -> Callable[[After], After]:
    """Declare what follows an act of a register, in the transaction that wrote it."""

    def keep(hook: After) -> After:
        _AFTER.update({(register, act): hook for act in acts})
        return hook

    return keep


def seen_too(register: str) -> Callable[[Sight], Sight]:
    """Declare which entries a viewer reads beyond the register's scope; it gives no hand on them."""

    def keep(hook: Sight) -> Sight:
        _SIGHT[register] = hook
        return hook

    return keep


def complete(draft: Draft) -> None:
    """Let the domain complete or refuse an act."""
    if hook := _BEFORE.get((draft.register.name, draft.act.name)):
        hook(draft)


def is_plain(register: str, act: str) -> bool:
    """Whether no domain has a word in an act, so that many of them may be written at once."""
    return (register, act) not in _BEFORE


def follow(register: str, act: str, entry: Entry, by: Actor, at: datetime) -> None:
    """Let the domain follow an act that was written."""
    if hook := _AFTER.get((register, act)):
        hook(entry, by, at)


def sight_of(register: str, viewer: Actor) -> Q | None:
    """What a viewer reads beyond the register's scope; None where nobody declares it."""
    hook = _SIGHT.get(register)
    return hook(viewer) if hook else None
