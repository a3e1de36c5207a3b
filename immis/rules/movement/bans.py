"""Sand that may not leave by notification, and written orders of check posts."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.movement.challans import ON
from immis.rules.movement.issue_facts import IssueFacts
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class PostFacts:
    """A check post about to be established: the code of its place, and whether the register has a check post of it."""

    place: str
    known: bool
    opens: str
    closes: str
    standing: str = ""


@rule("CH-70", on=ON)
def outward_ban(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 36: export of sand to other States may be controlled or stopped by notification.

    Our reading: from its first instant to its last a notification refuses e-challans to destinations in other States,
    or to any, from the district that it names or from the whole State. Who may settle a doubt: Director of Mines.
    """
    outside = policy.value("CH-70", at, district=facts.district)
    for ban in facts.bans:
        runs = ban.since <= at and (ban.until is None or at < ban.until)
        if runs and (not ban.outside_only or facts.place_kind in outside):
            body = {"notification": ban.notification, "place": facts.place, "since": ban.since}
            return Finding("CH-70", {**body, "until": ban.until, "entry": ban.number})
    return None


@rule("MOV-48", on="checkpost.establish")
def post_without_place(facts: PostFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 36: a check post or barrier stands by written order.

    Our reading: the order names a place that the register of places has as a check post (its fence counts what
    passes), hours of a day, and one order stands a place. Who may settle a doubt: Director of Mines.
    """
    policy.at("MOV-48", at)
    why = "no_place" if not facts.known else "no_hours" if not _hours(facts) else "stands" if facts.standing else ""
    if not why:
        return None
    words = policy.words("MOV-48", why, standing=facts.standing)
    return Finding("MOV-48", {"place": facts.place or "—", "because": words})


def _hours(facts: PostFacts) -> bool:
    return minutes_of(facts.opens) is not None and minutes_of(facts.closes) is not None


def minutes_of(text: str) -> int | None:
    """Minutes since midnight of an hour as ``06:30`` (``24:00`` ends the day); None for anything else."""
    hours, _, minutes = text.strip().partition(":")
    if not (hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit() and len(minutes) == 2):
        return None
    total = int(hours) * 60 + int(minutes)
    return total if len(hours) <= 2 and int(minutes) < 60 and total <= 24 * 60 else None


def open_at(opens: str, closes: str, minute: int) -> bool:
    """Whether a post works at a minute of India's day; one that closes before it opens works over midnight."""
    first, last = minutes_of(opens), minutes_of(closes)
    if first is None or last is None:
        return True
    return first <= minute < last if first < last else minute >= first or minute < last
