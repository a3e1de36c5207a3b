"""The small district of ``tests.enforcement.world``."""

from types import SimpleNamespace

import pytest

from tests.enforcement import world as made


@pytest.fixture
def world(db) -> made.World:
    return made.build()


@pytest.fixture
def clerk(world) -> SimpleNamespace:
    """The district's officer as an actor."""
    return world.actors["district"]
