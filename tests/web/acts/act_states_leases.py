"""How a settlement comes to a few states of its path and its life, for the walk of acts."""

from immis.leases import services
from immis.leases.selectors import first_instalment
from tests.settlement import india


def opened(world, at):
    at.set(india("2026-06-06"))
    return world.opened()


def with_loi(world, at):
    at.set(india("2026-06-12"))
    return world.with_loi()


def missed(world, at):
    """The mining plan's time is over and nothing was submitted."""
    lease = world.with_loi()
    at.set(india("2026-09-30"))
    return lease


def cleared(world, at):
    lease = world.cleared()
    world.pay_and_verify(first_instalment(lease), at=india("2026-07-14"))
    at.set(india("2026-07-15"))
    return lease


def mining(world, at):
    at.set(india("2026-08-01"))
    return world.mining()


def noticed(world, at):
    """Two notices are open, and the settlee has asked to give the settlement up."""
    lease, by, now = world.mining(), world.collector, india("2026-11-20")
    for kind in ("show_cause", "non_payment"):
        services.issue_notice(lease=lease, kind=kind, grounds="x", by=by, at=now)
    services.ask_surrender(lease=lease, reason="x", by=world.settlee, at=now)
    at.set(india("2026-12-30"))
    return lease


def ended(world, at):
    lease = noticed(world, at)
    services.cancel_settlement(lease=lease, reason="x", reference="DM/1", by=world.collector, at=india("2026-12-29"))
    lease.refresh_from_db()
    return lease


STATES = {"lease": (opened, with_loi, missed, cleared, mining, noticed, ended)}
