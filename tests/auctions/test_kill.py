"""``kill -9`` of the web processes while bids are committed: every acknowledged bid is there, none counted twice."""

import pytest

from immis.bench import auction
from tests import databases

pytestmark = pytest.mark.processes


def test_killed_web_processes_lose_no_acknowledged_bid(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("IMMIS_BENCH_SQLITE", str(databases.migrated_file()))
    told = auction.measure("killed('sqlite', kills=3, rate=30.0)")
    assert told["answers"] > 20 and told["kills"] == 3 and told["broken_lines"] > 0
    broken = {name: told[name] for name in auction.GUARANTEES}
    assert not any(broken.values()), broken
