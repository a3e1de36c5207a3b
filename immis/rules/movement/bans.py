"""Sand that may not leave by notification, and written orders of check posts."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.movement.challans import ON
from immis.rules.movement.issue_facts import IssueFacts
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class PostFacts:
    """A check post about to be established: the code of its place, and whether the register has a check post of it.

    ``elsewhere`` is the district of a place that lies beyond the officer's reach.
    """

    place: str
    known: bool
    opens: str
    closes: str
    standing: str = ""
    elsewhere: str = ""


@dataclass(frozen=True)
class ShiftFacts:
    """A shift about to be planned: when, the order of its check post (empty: none stands), and another of the officer.

    ``elsewhere`` is the number of a shift that the same officer has at another post in that time.
    """

    begins: datetime
    ends: datetime
    post: str
    elsewhere: str = ""


@dataclass(frozen=True)
class BanFacts:
    """A notification about to be entered: from when to when it stops sand (None: until it is lifted)."""

    notification: str
    since: datetime
    until: datetime | None = None


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
    if not facts.known:
        why = "no_place"
    elif facts.elsewhere:
        why = "elsewhere"
    elif not _hours(facts):
        why = "no_hours"
    elif facts.standing:
        why = "stands"
    else:
        return None
    words = policy.words("MOV-48", why, standing=facts.standing, district=facts.elsewhere)
    return Finding("MOV-48", {"place": facts.place or "—", "because": words})


@rule("MOV-76", on="checkpost.plan")
def shift_without_post(facts: ShiftFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 36: a check post or barrier works against unlawful transport.

    Our reading: a shift is of a post whose order stands, ends after it begins, and an officer is at one post at a
    time. Who may settle a doubt: Director of Mines.
    """
    policy.at("MOV-76", at)
    why = "no_post" if not facts.post else "backwards" if facts.ends <= facts.begins else ""
    why = why or ("twice" if facts.elsewhere else "")
    if not why:
        return None
    return Finding("MOV-76", {"because": policy.words("MOV-76", why, shift=facts.elsewhere)})


@rule("MOV-77", on="ban.notify")
def ban_without_time(facts: BanFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 36: export of sand to other States may be stopped by notification.

    Our reading: one that ends before it begins, or that is over already, stops nothing and is a slip of the pen. Who
    may settle a doubt: Director of Mines.
    """
    policy.at("MOV-77", at)
    if facts.until is None or facts.until > max(facts.since, at):
        return None
    return Finding("MOV-77", {"notification": facts.notification, "since": facts.since, "until": facts.until})


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
