"""How a record of each noun of enforcement comes to a few states, and when it is asked there (test_act_walk.py)."""

from datetime import timedelta
from decimal import Decimal

from immis.core.access.permissions import SYSTEM
from immis.enforcement import services
from immis.holds.services import HoldOrder, lift_hold, order_hold, withdraw_suspension
from immis.leases.services import Closure, SuspensionOrder, close_challans, suspend_stop
from immis.ledger.models import Demand
from immis.registry.selectors import office_for
from immis.registry.services import NewVehicle, register_vehicle
from tests.settlement import india

NOON = india("2026-10-20", "12:00:00")


def ordered(world, at):
    """The mining office stopped a settlement."""
    lease = world.mining()
    at.set(NOON)
    order, facts = HoldOrder(stops="challans", reference="DMO/1"), {"district": lease.district}
    return order_hold(subject=("lease", lease.number), order=order, facts=facts, by=world.district, at=NOON)


def ordered_above(world, at):
    """Headquarters closed the district."""
    at.set(NOON)
    closure = Closure(ground="maintenance", reference="HQ/1", since=NOON, until=india("2026-10-21"))
    return close_challans(district="Munger", closure=closure, by=world.actor("hq"), at=NOON)


def closed_for_the_state(world, at):
    at.set(NOON)
    closure = Closure(ground="maintenance", reference="HQ/2", since=NOON, until=india("2026-10-21"))
    return close_challans(district="Bihar", closure=closure, by=world.actor("hq"), at=NOON)


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
    return suspend_stop(lease=lease, order=SuspensionOrder(**order, **paper), by=world.actor(by), at=NOON)


def suspended_above(world, at):
    return suspended(world, at, by="hq")


def withdrawn(world, at):
    row = withdraw_suspension(suspension=suspended(world, at), reference="LPA 3", by=world.collector, at=NOON)
    at.set(india("2026-10-20", "12:30:00"))
    return row


def opened(world, at, owner=True):
    """A case of tampering against a registered truck."""
    at.set(NOON)
    liable = world.party if owner else None
    truck = NewVehicle(registration="BR08G1234", capacity_m3=Decimal("11"), owner_name="Ganga", owner=liable)
    register_vehicle(vehicle=truck, by=SYSTEM, at=NOON)
    facts = {"registration": "BR08G1234", "district": "Munger", "grade": "strong", "seen_at": NOON}
    facts |= {"owner_id": world.party.pk} if owner else {}
    case = {"offence": "gps_tamper", "trigger_code": "TRG-05", "facts": facts, "penalty_paise": 10_000_000}
    return services.open_case(**case, by=SYSTEM, at=NOON)


def against_nobody(world, at):
    return opened(world, at, owner=False)


def noticed(world, at):
    return services.send_notice(opened(world, at), by=world.district, at=NOON)


def replied(world, at):
    return services.record_reply(noticed(world, at), reply="It broke.", by=world.district, at=NOON)


def penalised(world, at):
    return services.order_penalty(
        replied(world, at), amount_paise=10_000_000, reason="a ground", by=world.district, at=NOON
    )


def called(world, at):
    """A hearing is fixed."""
    place, then = "Munger", NOON + timedelta(days=5)
    return services.fix_hearing(noticed(world, at), fixed_at=then, place=place, by=world.district, at=NOON)


def appealed(world, at):
    """The accused appeals against the order of the district."""
    return services.file_appeal(penalised(world, at), kind="appeal", grounds="unjust", by=world.settlee, at=NOON)


def paid(world, at):
    """All of it was paid and verified."""
    case = penalised(world, at)
    world.pay_and_verify(Demand.objects.get(number=case.demand_number), at=NOON)
    services.note_paid(case.number, facts={}, at=NOON)
    case.refresh_from_db()
    return case


def closed(world, at):
    return services.close_case(paid(world, at), outcome="paid", by=world.district, at=NOON)


def task(world, at, **wanted):
    """A task on the desk of the mining office."""
    at.set(NOON)
    facts = {"party_id": world.party.pk, "registration": "BR08G1234", "lease": "MUN-2026-01"}
    mine = {"code": "TRG-01", "role": "district", "subject": ("demand", "D-26-1"), "act": "remind", "facts": facts}
    terms = {"office": office_for(district="Munger", role="district"), "due_at": NOON + timedelta(days=1)}
    return services.open_task(services.NewTask(**{**mine, **terms, **wanted}), at=NOON)


def to_remind(world, at):
    world.mining()
    return task(world, at)


def suspicion(world, at):
    """An e-challan was issued away from its vehicle."""
    return task(world, at, code="TRG-08", act="open_case", subject=("challan", "MUN-26-000001"))


def of_a_case(world, at):
    case = opened(world, at)
    return task(world, at, code="TRG-05", act="send_notice", subject=("vehicle", "BR08G1234"), case=case)


def of_the_collector(world, at):
    """The Collector's task about a settlement, and headquarters' as well since it is late."""
    lease = world.mining()
    row = task(world, at, code="TRG-83", role="collector", act="life", subject=("lease", lease.number))
    at.set(NOON + timedelta(days=2))
    services.escalate(row, at=NOON + timedelta(days=2))
    row.refresh_from_db()
    return row


def decided(world, at):
    return services.decide_task(to_remind(world, at), done=True, note="seen", by=world.district, at=NOON)


STATES = {
    "case": (opened, against_nobody, noticed, called, replied, penalised, appealed, paid, closed),
    "task": (to_remind, suspicion, of_a_case, of_the_collector, decided),
    "hold": (ordered, ordered_above, closed_for_the_state, lifted),
    "suspension": (suspended, suspended_above, withdrawn),
}
