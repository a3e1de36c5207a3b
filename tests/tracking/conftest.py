"""The small district of ``tests.challans.world``, with the clock in the test's hands."""

import pytest

from tests.challans import world as made


@pytest.fixture
def world(db, data_dir, at):
    at.set(made.NOON)
    return made.build(data_dir)
