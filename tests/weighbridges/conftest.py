"""The small district of ``tests.challans.world`` with a weighbridge at its ghat."""

import pytest

from immis.weighbridges.services import pairing
from tests.challans import world as district
from tests.doors.scale import Software
from tests.weighbridges import world as made


@pytest.fixture
def world(db, data_dir, at):
    at.set(district.NOON)
    return district.build(data_dir)


@pytest.fixture
def bridge(world):
    bridge = made.apply(by=world.actor, at=district.NOON, lease=world.lease)
    return made.approve(bridge, by=world.district, at=district.NOON)


@pytest.fixture
def post(client):
    """Send JSON to the API as a program does."""
    return lambda address, body, headers: client.post(address, body, content_type="application/json", headers=headers)


@pytest.fixture
def software(world, bridge, post):
    """Software that was paired with the weighbridge."""
    made_code = pairing.make_code(bridge=bridge, by=world.actor, at=district.NOON)
    software = Software(post)
    assert software.pair(made_code.pair_code, district.NOON).status_code == 201
    return software
