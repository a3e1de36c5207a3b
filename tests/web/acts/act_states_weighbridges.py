"""How a weighbridge comes to a few states, for the walk over acts."""

from tests.settlement import india
from tests.weighbridges import world as made

NOON = india("2026-10-05", "12:00:00")


def applied_bridge(world, at):
    """A settlee applied for a public weighbridge."""
    at.set(NOON)
    return made.apply(by=world.settlee, at=NOON)


def approved_bridge(world, at):
    """The district visited, fenced and approved it."""
    return made.approve(applied_bridge(world, at), by=world.district, at=NOON)


STATES = {"weighbridge": (applied_bridge, approved_bridge)}
