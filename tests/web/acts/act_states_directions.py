"""How meetings and their directions come to a few states each, for the walk over acts."""

from immis.directions.models import Direction
from immis.directions.services import following
from tests.directions import reviews


def draft(world, at):
    at.set(reviews.MORNING)
    return reviews.draft(world)


def confirmed(world, at):
    at.set(reviews.NOON)
    return reviews.confirmed(world)


def open_(world, at) -> Direction:
    confirmed(world, at)
    return reviews.point("xii")


def reported(world, at) -> Direction:
    confirmed(world, at)
    by = reviews.actor(world, "nic")
    return following.report(direction=reviews.point("iii"), done=True, text="done", by=by, at=reviews.NOON)


def in_difficulty(world, at) -> Direction:
    row = open_(world, at)
    by = reviews.actor(world, "it_manager")
    return following.raise_difficulty(direction=row, kind="technical", text="no copy", by=by, at=reviews.NOON)


def closed(world, at) -> Direction:
    row = reported(world, at)
    return following.close(direction=row, text="seen", by=reviews.actor(world, "secretary"), at=reviews.NOON)


STATES = {"meeting": (draft, confirmed), "direction": (open_, reported, in_difficulty, closed)}
