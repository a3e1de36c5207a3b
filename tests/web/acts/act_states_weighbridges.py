"""How a weighbridge comes to a few states, for the walk over acts."""

from immis.weighbridges.services import pairing
from tests.doors.scale import Software
from tests.settlement import india
from tests.weighbridges import world as made

NOON = india("2026-10-05", "12:00:00")


def applied_bridge(world, at):
    """A settlee applied for a public weighbridge."""
    at.set(NOON)
    return made.apply(by=world.settlee, at=NOON)


def approved_bridge(world, at):
    """The district visited, fenced and approved it, and software is paired with it."""
    bridge = made.approve(applied_bridge(world, at), by=world.district, at=NOON)
    code = pairing.make_code(bridge=bridge, by=world.settlee, at=NOON).pair_code
    software = {"name": "immis-agent", "version": "1.0.0", "kind": "agent"}
    return pairing.pair(code=code, public_key=Software(None).public_key, software=software, at=NOON).bridge


STATES = {"weighbridge": (applied_bridge, approved_bridge)}
