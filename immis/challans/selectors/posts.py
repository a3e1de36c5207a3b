"""Check posts that stand by written order, their roster, what passed them, and notifications that stop sand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from immis.challans.models import CheckPostScan
from immis.core.access.permissions import Actor
from immis.registers.selectors import Entry, standing_entries, standing_in
from immis.registry import selectors as registry
from immis.rules.calendar import INDIA, india_day, start_of
from immis.rules.movement.bans import open_at
from immis.rules.movement.issue_facts import Ban
from immis.rules.policy import book
from immis.tracking import selectors as tracking

POSTS, ROSTER, BANS = "check_posts", "check_post_roster", "outward_bans"


def bans_on(district: str) -> tuple[Ban, ...]:
    """The notifications that stop sand from a district, or from the whole State, whenever they run (CH-70)."""
    rows = standing_entries.rows(register=BANS, state="notified")
    return tuple(_ban(row) for row in rows if _district_of(row) in ("", district))


def _district_of(row: Entry) -> str:
    office = registry.offices(code=row.values["office"]).first() if row.values.get("office") else None
    return office.district if office else ""


def _ban(row: Entry) -> Ban:
    return Ban(
        number=row.number,
        notification=row.values["notification"],
        since=instant_of(row.values["since"]),
        until=instant_of(row.values["until"]) if row.values.get("until") else None,
        outside_only=row.values["destinations"] == "outside",
    )


def instant_of(value: Any) -> datetime:
    """An instant as an entry keeps it; one without a zone is India's."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at if at.tzinfo else at.replace(tzinfo=INDIA)


def standing_post(place: str) -> Entry | None:
    """The order that stands for a check post, by the code of its place."""
    return next((row for row in standing_in(POSTS, "stands") if row.values["place"] == place), None)


def post_numbered(number: str) -> Entry | None:
    """The order that stands for a check post, by its own number."""
    return standing_in(POSTS, "stands").filter(number=number).first()


def other_shift(person: str, post: str, begins: datetime, ends: datetime) -> str:
    """The number of a shift that an officer has at another post within a time; empty where he has none."""
    rows = [row for row in standing_in(ROSTER, "planned") if str(row.values["person"]) == person]
    spans = [(row, instant_of(row.values["begins"]), instant_of(row.values["ends"])) for row in rows]
    at_once = (row for row, since, until in spans if row.values["post"] != post and since < ends and begins < until)
    return next((row.number for row in at_once), "")


@dataclass(frozen=True)
class Passage:
    """A vehicle that came through the fence of a check post while it worked, and whether any officer checked it."""

    registration: str
    at: datetime
    checked: bool


@dataclass(frozen=True)
class PostDay:
    """A check post on a day: its order, the user IDs of who is on duty now, and what passed."""

    order: Entry
    place: Any
    on_duty: Sequence[str] = ()
    passages: Sequence[Passage] = field(default_factory=tuple)

    @property
    def unchecked(self) -> list[Passage]:
        return [row for row in self.passages if not row.checked]


def posts_today(viewer: Actor, *, at: datetime) -> list[PostDay]:
    """The check posts of the reach with what passed them today, by the number of their order."""
    rows = [row for row in standing_in(POSTS, "stands") if viewer.sees_district(row.district)]
    return [_day(row, at) for row in sorted(rows, key=lambda row: row.number)]


def _day(order: Entry, at: datetime) -> PostDay:
    place = registry.places("checkpost").filter(code=order.values["place"]).first()
    since = start_of(india_day(at))
    passages = _passages(order, since, at) if place else []
    return PostDay(order, place, _on_duty(order, at), passages)


def _on_duty(order: Entry, at: datetime) -> list[str]:
    shifts = [row for row in standing_in(ROSTER, "planned") if row.values["post"] == order.number]
    now = [row for row in shifts if instant_of(row.values["begins"]) <= at < instant_of(row.values["ends"])]
    return [str(row.values["person"]) for row in now]


def _passages(order: Entry, since: datetime, until: datetime) -> list[Passage]:
    within = timedelta(minutes=int(book().value("MOV-49", until)))
    came = tracking.entered(f"place:{order.values['place']}", since=since, until=until)
    working = [event for event in came if event.registration and _works(order, event.at)]
    marks = {event.registration for event in working}
    checks = CheckPostScan.objects.filter(
        registration__in=marks, at__gte=since - within, at__lte=until + within
    ).values_list("registration", "at")
    seen: dict[str, list[datetime]] = {}
    for mark, at in checks:
        seen.setdefault(mark, []).append(at)
    return [_passage(event, seen.get(event.registration, []), within) for event in working]


def _works(order: Entry, at: datetime) -> bool:
    local = at.astimezone(INDIA)
    return open_at(order.values["opens"], order.values["closes"], local.hour * 60 + local.minute)


def _passage(event: Any, checks: Sequence[datetime], within: timedelta) -> Passage:
    return Passage(event.registration, event.at, any(abs(at - event.at) <= within for at in checks))
