"""The doors as fixtures, each of the name by which ``immis trace`` lists it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import doors
from tests.doors.devices import SocketDoor
from tests.doors.installation import Cells, ClockDoor, Portal, Stores, Transport, standing_on


@pytest.fixture
def command(tmp_path: Path) -> doors.Command:
    """``immis …`` in a folder of its own, where no installation is."""
    return doors.Command(tmp_path / "data")


@pytest.fixture
def file(played: Stores) -> doors.FileDoor:
    """What the demo published."""
    return doors.FileDoor(played.data)


@pytest.fixture(scope="session")
def installation(played: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[doors.Installation]:
    """Real processes on a copy of what the demo left; every test leaves the office in order."""
    portal, transport, cells = Portal(), Transport(), Cells()
    settings = {"IMMIS_PARIVESH_URL": portal.url, "IMMIS_EPROC_SHARED_KEY": doors.eproc.KEY}
    settings |= {"IMMIS_VAHAN_URL": transport.url, "IMMIS_SARATHI_URL": transport.url}
    settings["IMMIS_LOADCELLS_URL"] = cells.url
    for season in standing_on(played, tmp_path_factory.mktemp("acceptance"), "installation", settings):
        made = doors.Installation(season, portal, transport, cells)
        yield made
        made.page.close()
    for stand_in in (portal, transport, cells):
        stand_in.end()


@pytest.fixture
def page(installation: doors.Installation) -> doors.PageDoor:
    return installation.page


@pytest.fixture
def api(installation: doors.Installation) -> doors.ApiDoor:
    return doors.ApiDoor(installation.page)


@pytest.fixture
def socket(installation: doors.Installation) -> SocketDoor:
    return installation.socket


@pytest.fixture
def clock(installation: doors.Installation) -> ClockDoor:
    return installation.clock


@pytest.fixture
def road(installation: doors.Installation) -> doors.Road:
    """Vehicles, moved by their devices through the socket."""
    return doors.Road(installation)


@pytest.fixture(scope="session")
def call(installation: doors.Installation) -> doors.Call:
    """One more e-auction, from its notice on; each stage is played when a test first asks for it."""
    return doors.Call(installation)
