"""Services that change money, messages and the register ask post and district themselves, whoever calls them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from immis.core.access.permissions import PUBLIC, SYSTEM
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.ledger import services as ledger
from immis.ledger.chart import EMD, FORFEITURE
from immis.ledger.services.demands import withdraw_balance
from immis.messaging.models import Message
from immis.messaging.services import mark_read
from immis.registry import services as registry
from immis.registry.models import Device
from immis.registry.selectors import actor_of
from tests.web.twin import NOW, statewide, twins

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def pair(db, data_dir, at):
    at.set(NOW)
    return twins()


def strangers(mine) -> list:
    """Every post of one district, its settlee, a statewide post that keeps no records, and anybody."""
    return [*map(actor_of, mine.users.values()), actor_of(statewide()["monitoring"]), PUBLIC]


def acts_on(other) -> dict:
    """The services under test, each as a call on the other district's records."""
    rows = other.rows
    demand, party, vehicle, block = rows["demand"], rows["party"], rows["vehicle"], rows["block"]
    more = {"party": party, "kind": "fee", "label": {"en": "Fee", "hi": "Fee"}, "amount_paise": 100}
    owed = ledger.NewDemand(subject=("case", "x"), **more)
    heads = {"source": (EMD, ("lot", "x")), "target": (FORFEITURE, ("lot", "x"))}
    fields = {"serial": 1, "block_no": "1", "name_en": "Taken", "name_hi": "Taken", "area_ha": Decimal(1)}
    ghat = {"code": block.code, "quantity_m3": 1, "corners": block.corners, **fields}
    taken = registry.NewVehicle(registration=vehicle.registration, capacity_m3=Decimal(9), owner_name="Taken")
    return {
        "raise": lambda by: ledger.raise_demand(demand=replace(owed, district=other.district), by=by, at=LATER),
        "raise-nowhere": lambda by: ledger.raise_demand(demand=owed, by=by, at=LATER),
        "cancel": lambda by: ledger.cancel_demand(demand=demand, reason="x", by=by, at=LATER),
        "withdraw": lambda by: withdraw_balance(demand=demand, reason="x", by=by, at=LATER),
        "date": lambda by: ledger.set_due_day(demand=demand, due_on=LATER.date(), by=by, at=LATER),
        "move": lambda by: ledger.move_deposit(
            party=party, amount_paise=1, district=other.district, by=by, at=LATER, **heads
        ),
        "ghat": lambda by: registry.save_block(
            block=registry.NewBlock(district=other.district, **ghat), by=by, at=LATER
        ),
        "ghat-taken": lambda by: registry.save_block(
            block=registry.NewBlock(district=by.district, **ghat), by=by, at=LATER
        ),
        "vehicle": lambda by: registry.register_vehicle(vehicle=taken, reason="x", by=by, at=LATER),
        "device": lambda by: registry.fit_device(imei="861234567890129", vehicle=vehicle, by=by, at=LATER),
    }


def test_who_has_no_part_in_it_changes_nothing_of_another_district(pair):
    mine, other = pair
    Device.objects.filter(vehicle=other.rows["vehicle"]).update(district=other.district)
    monitoring = actor_of(statewide()["monitoring"])
    for name, act in acts_on(other).items():
        for by in strangers(mine):
            if by == monitoring and name in ("vehicle", "device"):
                continue  # the monitoring cell keeps the State's register of vehicles and devices
            with pytest.raises((NotPermitted, Refusal)) as refused:
                act(by)
                pytest.fail(f"{name} by {by.role}")
            codes = [finding.code for finding in getattr(refused.value, "findings", [])]
            assert codes == (["REG-27"] if by.party_id and name == "vehicle" else []), f"{name} by {by.role}"
    other.rows["demand"].refresh_from_db()
    assert other.rows["demand"].cancelled_at is None


def test_the_own_office_and_the_system_may(pair):
    other = pair[1]
    acts = acts_on(other)
    for by in (actor_of(other.users["district"]), SYSTEM):
        for name in ("raise", "move", "ghat", "vehicle", "device", "date"):
            acts[name](by)


def test_a_party_asks_money_of_itself_alone(pair):
    mine, other = pair
    acts_on(other)["raise"](actor_of(other.users["party"]))
    with pytest.raises(NotPermitted):
        acts_on(other)["raise"](actor_of(mine.users["party"]))


def test_a_message_is_read_by_who_got_it(pair):
    mine, other = pair
    for name in ("letter", "memo"):
        row = other.rows[name]
        for by in strangers(mine):
            with pytest.raises(NotFound):
                mark_read(row, by=by, at=LATER)
        assert Message.objects.get(pk=row.pk).read_at is None
    mark_read(other.rows["letter"], by=actor_of(other.users["party"]), at=LATER)
    mark_read(other.rows["memo"], by=SYSTEM, at=LATER)
    assert not Message.objects.filter(pk__in=[other.rows["letter"].pk, other.rows["memo"].pk], read_at=None).exists()
