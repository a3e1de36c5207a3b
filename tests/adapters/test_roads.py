"""The way of a truck: over a road file, and asked of Valhalla and OSRM, however they answer."""

import threading

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from immis.adapters.reading.apart import Limits
from immis.adapters.roads import graph
from immis.adapters.roads.build import NoRoads, build
from immis.adapters.roads.embedded import ROAD_FILE, EmbeddedRoads
from immis.adapters.roads.over_http import Osrm, Valhalla
from immis.adapters.roads.polyline import decoded, encoded
from immis.adapters.roads.port import Pair, RoadsUnreachable, Truck
from immis.adapters.roads.simulator import RoadsSimulator
from tests.roads import ROADS, write_roads

LIMITS = Limits(cpu_s=20, wall_s=60, memory_mb=2048, output_mb=64, open_files=64)
HEAVY = Truck({"primary": 40.0, "tertiary": 30.0}, 28.5, ("embankment",), 2000)
LIGHT = Truck({"primary": 40.0, "tertiary": 30.0}, 5.0, (), 2000)
ACROSS = Pair((25.001, 86.0), (25.1, 86.099))
BACK = Pair((25.08, 86.0), (25.02, 86.0))


@pytest.fixture
def net(tmp_path):
    write_roads(tmp_path / ROAD_FILE)
    built = build(str(tmp_path / ROAD_FILE), str(tmp_path / "net.npz"))
    assert (built.edges, built.km) == (5, 59)
    return str(tmp_path / "net.npz")


def test_a_heavy_truck_goes_round_where_a_bridge_does_not_bear_it(net):
    heavy, light = (graph.ways(net, [ACROSS], truck)[0] for truck in (HEAVY, LIGHT))
    assert (heavy.metres, light.metres) == (21409, 15097)
    assert decoded(heavy.line)[2] == (25.0, 86.1) and (25.05, 86.05) in decoded(light.line)
    assert decoded(heavy.line)[0] == ACROSS.start and decoded(heavy.line)[-1] == ACROSS.end


def test_a_street_of_one_way_and_an_embankment_are_kept_off(net):
    there, back = graph.ways(net, [Pair(BACK.end, BACK.start), BACK], HEAVY)
    assert there.metres == 6672 and back is None, "the only way back leads over the embankment"
    assert graph.ways(net, [BACK], LIGHT)[0].metres == 29521


def test_no_road_leads_to_an_island_or_to_a_place_far_from_any(net):
    assert graph.ways(net, [Pair((25.0, 86.0), (25.2, 86.2)), Pair((20.0, 80.0), (25.0, 86.0))], LIGHT) == [None, None]


def test_a_place_on_the_way_is_met_where_the_road_comes_nearest(net):
    way = graph.ways(net, [Pair((25.0005, 86.02), (25.0005, 86.08))], HEAVY)[0]
    assert way.metres == pytest.approx(6046 + 2 * 56, abs=5)
    assert len(decoded(way.line)) == 4


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=30))
def test_a_line_comes_back_from_its_text(points):
    for (lat, lon), (lat2, lon2) in zip(points, decoded(encoded(points)), strict=True):
        assert abs(lat - lat2) < 1e-6 and abs(lon - lon2) < 1e-6


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader_of_lines(text):
    try:
        decoded(text)
    except ValueError:
        pass


def test_a_file_without_roads_is_refused(tmp_path):
    path = write_roads(tmp_path / "f.osm.pbf", roads=[([1, 2], {"highway": "footway"})])
    with pytest.raises(NoRoads):
        build(str(path), str(tmp_path / "out"))


@pytest.mark.apart
def test_the_file_in_the_folder_is_read_and_searched_in_children(tmp_path):
    roads = EmbeddedRoads(tmp_path, build=LIMITS, search=LIMITS)
    with pytest.raises(RoadsUnreachable, match="no roads.osm.pbf"):
        roads.ways([ACROSS], HEAVY)
    (tmp_path / ROAD_FILE).write_bytes(b"\x00\x00\x00\x0d" + bytes(range(256)) * 20)
    with pytest.raises(RoadsUnreachable, match=ROAD_FILE):
        roads.take_in()
    assert not roads.ready() and not list((tmp_path / "roads").iterdir())
    write_roads(tmp_path / ROAD_FILE)
    roads.take_in()
    first = roads.stamp()
    assert roads.ready() and roads.ways([ACROSS, BACK], HEAVY)[0].metres == 21409
    write_roads(tmp_path / ROAD_FILE, roads=ROADS[:1])
    assert roads.stamp() != first and not roads.ready()
    roads.take_in()
    assert len(list((tmp_path / "roads").iterdir())) == 1


@pytest.fixture
def server():
    engine = RoadsSimulator("127.0.0.1", 0)
    thread = threading.Thread(target=engine.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield engine
    engine.shutdown()
    engine.server_close()
    thread.join()


@pytest.mark.parametrize("vendor", [Valhalla, Osrm])
def test_a_server_tells_way_time_and_line_or_that_there_is_none(server, vendor):
    client = vendor(server.url)
    way = client.ways([ACROSS], HEAVY)[0]
    assert 18_400 < way.metres < 18_700 and way.minutes == 37 and len(decoded(way.line)) == 3
    server.mood = "no_way"
    assert client.ways([ACROSS, BACK], HEAVY) == [None, None]


@pytest.mark.parametrize("vendor", [Valhalla, Osrm])
@pytest.mark.parametrize("mood", ["503", "junk", "odd", "slow"])
def test_what_is_no_answer_is_silence(server, vendor, mood):
    server.mood = mood
    with pytest.raises(RoadsUnreachable):
        vendor(server.url, timeout_s=0.2).ways([ACROSS], HEAVY)


@pytest.mark.parametrize("vendor", [Valhalla, Osrm])
@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "7",
        "{}",
        '{"trip": {"legs": [{"shape": "~~~"}], "summary": {"length": -4, "time": 1}}}',
        '{"code": "Ok", "routes": [{"distance": 1e99, "duration": 1, "geometry": "_ibE_ibE??"}]}',
        '{"trip": {"legs": [{"shape": 7}], "summary": {}}}',
    ],  # fmt: skip
)
def test_an_odd_answer_never_gets_through(vendor, body):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body.encode()))
    with pytest.raises(RoadsUnreachable):
        vendor("http://r", transport=transport).ways([ACROSS], HEAVY)
