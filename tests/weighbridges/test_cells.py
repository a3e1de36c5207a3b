"""Load cells of trucks: read from a feed, compared with weighments whichever comes first (E-157, WB-28)."""

import json
import threading
import urllib.request
from datetime import timedelta

import pytest

from immis.adapters.loadcells.http_client import HttpLoadCells
from immis.adapters.loadcells.port import LoadCellsUnreachable
from immis.adapters.loadcells.simulator import LoadCellSimulator
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.weighbridges.jobs import pull_load_cells
from immis.weighbridges.models import CellReport
from immis.weighbridges.retention import forget_sightings
from tests.challans.world import IMEI, INSIDE, NOON
from tests.weighbridges.test_loads import weigh

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def feed(settings):
    server = LoadCellSimulator("127.0.0.1", 0, key="k")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    settings.LOADCELLS_URL, settings.LOADCELLS_KEY = server.url, "k"
    yield server
    server.shutdown()
    server.server_close()


def said(feed, kg, at, **more):
    body = json.dumps({"weight": {"imei": IMEI, "at": at.isoformat(), "kg": kg, **more}}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{feed.url}/simulate", data=body), timeout=5).close()


@pytest.mark.flow
def test_a_weighment_is_compared_with_the_trucks_own_cells_whichever_comes_first(world, software, feed):
    world.report(NOON, INSIDE)
    weigh(software, "tare", 12_000, NOON - 2 * MINUTE)
    said(feed, 25_000, NOON)
    assert pull_load_cells(at=NOON) == 1 and pull_load_cells(at=NOON) == 0
    told = weigh(software, "gross", 31_000, NOON + MINUTE).json()["findings"]
    assert [(row["code"], row["stops"]) for row in told] == [("WB-28", False)]
    assert "25,000 kg" in told[0]["message"]["en"] or "25000 kg" in told[0]["message"]["en"]
    run_triggers(at=NOON + MINUTE)
    assert Task.objects.get(code="TRG-267").facts["plate"] == "BR08G1234"
    assert CellReport.objects.get().parted and CellReport.objects.get().reading.weight_kg == 31_000
    said(feed, 30_500, NOON + 2 * MINUTE)
    said(feed, 20_000, NOON + 3 * MINUTE, quality="poor")
    assert pull_load_cells(at=NOON + 3 * MINUTE) == 2
    assert list(CellReport.objects.values_list("parted", flat=True)) == [False, False, True]


def test_a_feed_that_fails_is_asked_again_and_nothing_is_lost(world, feed):
    said(feed, 25_000, NOON)
    for mood in ("down", "junk"):
        feed.mood = mood
        assert pull_load_cells(at=NOON) == 0
    feed.mood = "contradicting"
    assert pull_load_cells(at=NOON) == 1 and CellReport.objects.get().kg == 50_000
    with pytest.raises(LoadCellsUnreachable):
        HttpLoadCells(feed.url, "wrong").weights("")
    said(feed, 26_000, NOON)
    feed.mood = "well"
    assert pull_load_cells(at=NOON) == 1
    assert forget_sightings(at=NOON + 91 * DAY) == 1 and CellReport.objects.get().kg == 26_000
    feed.rows.append({"id": "x" * 99, "imei": "no", "at": "never", "kg": 1e400})
    assert pull_load_cells(at=NOON) == 0
