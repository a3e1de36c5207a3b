"""Minutes for tests: the review of the demo taken in and confirmed, with a secretary, an IT manager and NIC."""

from pathlib import Path

from immis.adapters.minutes import read_minutes
from immis.core.access.permissions import Actor
from immis.directions.models import Direction, Meeting
from immis.directions.services.confirming import Answer, Confirmed, confirm
from immis.directions.services.minutes import Paper, keep_draft
from immis.directions.services.minutes import read_paper as read_apart
from immis.enforcement.jobs import run_triggers
from immis.registry import services as registry
from immis.registry.selectors import actor_of, headquarters
from tests.settlement import india

FILE = Path(__file__).resolve().parents[2] / "immis" / "commands" / "demo" / "directions" / "review_2026.txt"
MORNING, NOON = india("2026-05-26", "10:00:00"), india("2026-05-26", "12:00:00")
#: What the reader asks back, answered: where something else than the paper itself counts.
ANSWERS = {
    1: Answer(repeats="before"),
    5: Answer(owners=("nic", "ad_hq")),
    9: Answer(repeats="before"),
    16: Answer(owners=("all",)),
}

__all__ = ["read_apart"]


def with_posts(world) -> None:
    """The three posts of headquarters that minutes name beside it."""
    office = headquarters()
    for name in ("secretary", "it_manager", "nic"):
        if name not in world.users:
            world.users[name] = registry.add_user(username=name, name_en=name, name_hi=name)
            registry.appoint(user=world.users[name], office=office, role=name)


def actor(world, name: str) -> Actor:
    return actor_of(world.users[name])


def draft(world, *, at=MORNING, held_on="12.05.2026") -> Meeting:
    with_posts(world)
    content = FILE.read_text(encoding="utf8").replace("12.05.2026", held_on).encode()
    paper = Paper(content, FILE.name, read_minutes(content))
    return keep_draft(paper=paper, by=actor(world, "it_manager"), at=at)


def said(**more) -> Confirmed:
    given = {"series": "Review of the system", "chair_post": "secretary", "memo_no": "214", "answers": ANSWERS}
    return Confirmed(**{**given, "issued_on": india("2026-05-20").date(), **more})


def confirmed(world, *, at=NOON, held_on="12.05.2026", **more) -> Meeting:
    row = draft(world, held_on=held_on)
    confirm(meeting=row, given=said(**more), by=actor(world, "it_manager"), at=at)
    run_triggers(at=at)
    return Meeting.objects.get(pk=row.pk)


def point(mark: str) -> Direction:
    return Direction.objects.get(mark=mark)
