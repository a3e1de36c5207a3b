"""How a record of each noun of enforcement comes to a few states, and when it is asked there (test_act_walk.py)."""

from immis.holds.services import lift_hold, order_hold, withdraw_suspension
from immis.leases.services import close_challans, suspend_stop
from tests.settlement import india

NOON = india("2026-10-20", "12:00:00")


def ordered(world, at):
    """The mining office stopped a settlement."""
    lease = world.mining()
    at.set(NOON)
    facts = {"district": lease.district}
    subject = ("lease", lease.number)
    return order_hold(subject=subject, stops="challans", reference="DMO/1", facts=facts, by=world.district, at=NOON)


def ordered_above(world, at):
    """Headquarters closed the district."""
    at.set(NOON)
    until = india("2026-10-21")
    order = {"district": "Munger", "ground": "maintenance", "reference": "HQ/1", "since": NOON, "until": until}
    return close_challans(**order, by=world.actor("hq"), at=NOON)


def closed_for_the_state(world, at):
    at.set(NOON)
    until = india("2026-10-21")
    order = {"district": "Bihar", "ground": "maintenance", "reference": "HQ/2", "since": NOON, "until": until}
    return close_challans(**order, by=world.actor("hq"), at=NOON)


def lifted(world, at):
    hold = lift_hold(hold=ordered(world, at), reference="DMO/2", by=world.district, at=NOON)
    at.set(india("2026-10-20", "12:30:00"))
    return hold


def suspended(world, at, by="collector"):
    """The Collector entered a court's order on an unpaid instalment."""
    lease = world.mining()
    at.set(NOON)
    order = {"rule_code": "HLD-01", "cause": world.instalment(lease, 1, 2).number, "authority": "court"}
    paper = {"reference": "CWJC 7", "document": "ab" * 32, "until": india("2026-11-20")}
    return suspend_stop(lease=lease, **order, **paper, by=world.actor(by), at=NOON)


def suspended_above(world, at):
    return suspended(world, at, by="hq")


def withdrawn(world, at):
    row = withdraw_suspension(suspension=suspended(world, at), reference="LPA 3", by=world.collector, at=NOON)
    at.set(india("2026-10-20", "12:30:00"))
    return row


STATES = {
    "hold": (ordered, ordered_above, closed_for_the_state, lifted),
    "suspension": (suspended, suspended_above, withdrawn),
}
