"""Which posts need more than a password: those that verify money or order stops, by their grants (ACC-10)."""

from collections.abc import Collection
from datetime import datetime

from immis.core.access.permissions import Actor
from immis.rules.policy import book


def guarded_grants(at: datetime) -> Collection[str]:
    """The grants that nobody uses with a password alone."""
    grants: Collection[str] = book().value("ACC-10", at)["grants"]
    return grants


def needs_second_factor(who: Actor, at: datetime) -> bool:
    """Whether the person's post holds one of the guarded grants."""
    return not who.post.grants.keys().isdisjoint(guarded_grants(at))
