"""Gateways on NATS JetStream: nothing lost and nothing twice, whatever is killed."""

import asyncio
import socket
import time

import pytest
from click.testing import CliRunner

from immis.bench.gateway.cluster import Devices, Site
from immis.bench.gateway.nodes import nodes_in
from immis.commands.road import gateway as gateway_command
from immis.gateway.cluster.host import _MARK, Host
from immis.gateway.cluster.jetstream import Cluster, Publisher, Refused, follow, raw_stream, raw_subject
from immis.gateway.cluster.snapshots import fetch_snapshot, publish_snapshots
from immis.gateway.cluster.spool import Spool, partition_of
from immis.gateway.ingest.streams import Reads, Streams
from immis.gateway.log.port import GATEWAY_BITS
from immis.gateway.log.rawlog import RawLog, packed_block, unpacked
from immis.gateway.protocols.encode import encode_login
from immis.gateway.store.outbox import events_after, last_positions
from immis.gateway.store.parquet import partition_folder
from immis.gateway.store.snapshot import snapshot_path, write_snapshot
from tests.gateway.test_gateway_server import until

A, B = "860000000000017", "860000000000025"
HOME = 1 << GATEWAY_BITS


def login(imei: str) -> bytes:
    return encode_login(imei=imei, vehicle="BR08G1234")


def spooled(spool: Spool, partition: int) -> list[tuple[int, int, bytes]]:
    return [read for block, _ in spool.take(partition, 0) for read in unpacked(block)]


def test_a_device_goes_to_its_partition_however_its_first_packet_is_torn(tmp_path):
    spool = Spool(tmp_path, partitions=4)
    whole, first, later = login(A), login(B)[:20], login(B)[20:]
    spool.append([(HOME + 1, 1, whole), (HOME + 2, 1, first), (HOME, 2, b"")])
    spool.append([(HOME + 2, 3, later), (HOME + 1, 3, b""), (HOME + 3, 4, b"noise"), (HOME + 3, 3_000_000, b"!")])
    spool.flush()
    beat = (HOME, 2, b"")
    assert [r for r in spooled(spool, partition_of(A.encode(), 4)) if r[0] == HOME + 1] == [
        (HOME + 1, 1, whole), (HOME + 1, 3, b""),
    ]  # fmt: skip
    assert [r for r in spooled(spool, partition_of(B.encode(), 4)) if r[0] == HOME + 2] == [
        (HOME + 2, 1, first), (HOME + 2, 3, later),
    ]  # fmt: skip
    assert all(beat in spooled(spool, p) for p in range(4))
    assert (HOME + 3, 4, b"noise") in spooled(spool, (HOME + 3) % 4)  # names no device: by its number
    spool.close()


def test_what_is_published_leaves_the_spool_and_its_places_are_never_given_again(tmp_path):
    spool = Spool(tmp_path, partitions=1)
    spool.append([(HOME + 1, 1, login(A))])
    end = spool.flush()
    assert spool.waiting_bytes == end
    spool.published(0, end + 5000)  # the stream knows more: this folder is new
    assert spool.waiting_bytes == 0
    spool.append([(HOME + 1, 2, b"x")])
    spool.flush()
    assert spool.take(0, end + 5000)[0][1] > end + 5000
    spool.close()
    assert Spool(tmp_path, partitions=1).starts(0) == end + 5000


def test_a_frame_that_waits_in_the_spool_of_a_cut_off_gateway_is_not_given_up():
    def reads(connection: int, at_s: float, data: bytes) -> Reads:
        import numpy

        return Reads(numpy.array([connection]), numpy.array([at_s]), numpy.array([0]), [data])

    from collections import Counter

    streams = Streams({}, Counter())
    streams.take(reads(HOME + 7, 1000.0, login(A)[:-9]))
    assert streams.flush_waiting(9000.0, 0, rate=1.0) == []  # an hour later here, no later there
    streams.take(reads(HOME, 1000.4, b""))
    assert streams.flush_waiting(9000.0, 0, rate=1.0) == []
    streams.take(reads(HOME, 1030.0, b""))
    assert [f.terminated for f in streams.flush_waiting(9000.0, 0, rate=1.0)] == [False]


def test_a_host_knows_by_its_log_which_message_it_has_and_how_much_of_it(tmp_path):
    host = Host(tmp_path, partition=0, url="nats://127.0.0.1:1")
    assert host._place() == (0, 0)
    log = RawLog(partition_folder(tmp_path, 0), segment_bytes=100)
    log.put([(_MARK | 41, 1, b""), (HOME + 1, 1, b"a" * 200)])
    log.put([(_MARK | 42, 1, b""), (HOME + 1, 1, b"b")])
    log.put([(HOME + 1, 1, b"c"), (HOME + 1, 1, b"d")])
    assert host._place() == (42, 3)


@pytest.fixture
def node(tmp_path):
    (tmp_path / "nats").mkdir()
    with nodes_in(tmp_path / "nats", 1) as nodes:
        yield nodes


def test_publishing_goes_on_where_the_stream_is_and_readers_see_each_block_once(node, tmp_path):
    async def story():
        cluster = await Cluster.open(node.url, name="test")
        assert await cluster.set_up(2) == await cluster.set_up(0) == 2
        with pytest.raises(Refused):
            await cluster.set_up(3)
        assert await cluster.number_of("a", run=0) == (1, 1)
        assert await cluster.number_of("b", run=0) == (2, 1)
        assert await cluster.number_of("a", run=5) == (1, 6)
        assert await cluster.claim("worker.0", "a") and not await cluster.claim("worker.0", "b")
        spool = Spool(tmp_path / "gateway", partitions=2)
        mine = partition_of(A.encode(), 2)
        for turn in range(5):
            spool.append([(HOME + 1, turn, login(A))])
            spool.flush()
            # every time a process that has forgotten what it was told last
            one = Publisher(
                cluster, stream=raw_stream(mine), subject=raw_subject(mine, "a"), start=0,
                take=lambda at: spool.take(mine, at), published=lambda at: None,
            )  # fmt: skip
            await one._find_place()
            assert await one._publish_some()
        found = []
        async for messages in follow(cluster, raw_stream(mine), first=2):
            found += [(number, unpacked(block)[0][1]) for number, block, _ in messages]
            if found[-1][1] == 4:
                break
        assert found == [(2, 1), (3, 2), (4, 3), (5, 4)]
        write_snapshot(tmp_path / "office", {"version": 7, "devices": [], "fences": []})
        telling = asyncio.create_task(publish_snapshots(cluster, tmp_path / "office"))
        snapshot_path(tmp_path / "p").parent.mkdir(parents=True)
        while await fetch_snapshot(cluster, tmp_path / "p", digest=None) is None:
            await asyncio.sleep(0.02)
        telling.cancel()
        assert snapshot_path(tmp_path / "p").read_bytes() == snapshot_path(tmp_path / "office").read_bytes()
        await cluster.close()

    asyncio.run(story())


def test_a_packed_block_is_read_back_and_nothing_else_is(tmp_path):
    block = RawLog(tmp_path).put([(1, 2, b"abc"), (2**61, 3, b"")])[0]
    assert unpacked(packed_block(block)) == [(1, 2, b"abc"), (2**61, 3, b"")]
    for wrong in (packed_block(block)[:-1], packed_block(block) + b"x", b""):
        with pytest.raises(ValueError):
            unpacked(wrong)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nats", "nats://127.0.0.1:1"],
        ["--nats", "nats://127.0.0.1:1", "--name", "a b"],
        ["--nats", "nats://127.0.0.1:1", "--work", "x"],
        ["--work", "0"],
    ],
)
def test_a_cluster_that_is_not_there_is_said_in_words(arguments, data_dir, monkeypatch):
    monkeypatch.setattr("immis.gateway.cluster.jetstream._FOUND_S", 0.2)
    answer = CliRunner().invoke(gateway_command.command, ["--listen", "127.0.0.1:0", *arguments])
    assert answer.exit_code == 2
    assert answer.stderr and "Traceback" not in answer.output


@pytest.mark.processes
def test_a_leader_a_worker_and_a_gateway_are_killed_under_load_and_nothing_is_lost_or_told_twice(tmp_path):
    """Three nats-server nodes, two gateways, two partitions; the long one is ``immis bench cluster``."""
    (tmp_path / "nats").mkdir()
    with nodes_in(tmp_path / "nats") as nodes:
        site = Site(tmp_path, nodes, lock_s=8.0)
        fleet = Devices(site.addresses, count=40, rate=600)
        fleet.start()
        until(lambda: all(map(last_positions, site.partitions)))
        leader = nodes.leader_of(raw_stream(0))
        nodes.kill(leader)
        site.kill("immis.gateway.ingest.worker", 1)
        before = fleet.sent
        while fleet.sent < before + 600:
            time.sleep(0.02)
        nodes.start(leader)
        sent = fleet.end()
        until(lambda: site.stored(0).unique().height == sent, seconds=60)
        assert [answer.count(b"$LGN") for answer in fleet.close()] == [1] * 40
        until(lambda: len(last_positions(site.folders[0])) == 40)  # the other partition tells the office, too
        moved = [partition_folder(site.folders[n], 1 - n).exists() for n in (0, 1)]  # by a long election
        assert any(moved) or site.stored(0).height == sent
        site.kill_gateway(1)  # its partition goes to the other, with all that was known of its devices
        theirs = next(imei for imei in fleet.imeis if partition_of(imei.encode(), 2) == 1)
        with socket.create_connection(site.addresses[0], timeout=60) as device:
            device.sendall(login(theirs))
            assert device.recv(64).startswith(b"$LGN")
        taken = partition_folder(site.folders[0], 1)
        known = {imei for imei in fleet.imeis if partition_of(imei.encode(), 2) == 1}
        until(lambda: {one.imei for one in last_positions(taken)} == known)  # it answers before it commits
        logins = until(lambda: len(found := logins_of(site.folders[0])) > 40 and found)
        site.end()
        assert len(logins) == len(logins_of(site.folders[0])) == 41
        rows = site.rows()
        assert rows.unique().height == sent  # those since the copy are there twice, in two folders
        assert site.gateways[0].returncode == 0


def logins_of(folder) -> list:
    return [e for e in events_after(folder, seq=0, limit=1000) if e.kind == "device.login"]
