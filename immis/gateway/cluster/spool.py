"""The spool: what a gateway has received and not yet published, one local log for each partition."""

import json
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from immis.gateway.log.port import GATEWAY_BITS, Read
from immis.gateway.log.rawlog import RawLog, blocks_between, drop_segments_before, packed_block, raw_folder
from immis.gateway.machine import sync_folder
from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.framing import Framer
from immis.gateway.tolerances import CLUSTER_HOLD_BYTES, CLUSTER_HOLD_S, CLUSTER_PIECE_BYTES, CLUSTER_TAKE_BYTES

NUMBERED = (1 << GATEWAY_BITS) - 1
_IMEI = re.compile(rb"(?<!\d)\d{15}(?!\d)")


def partition_of(imei: bytes, partitions: int) -> int:
    """A device's partition: the same wherever and whenever it connects."""
    return zlib.crc32(imei) % partitions


class Spool:
    """A log (``log.port.Log``) that is many: reads go to the partition of the device that its connection belongs to.

    A connection's first reads wait in memory until they name a device, two seconds at most; one that names none
    goes by its number. A connection that brings several devices stays with the partition of the first.
    """

    def __init__(self, data_dir: str | Path, *, partitions: int) -> None:
        self._folder = Path(data_dir) / "spool"
        self._published_path = self._folder / "published.json"
        self._logs = [RawLog(self._home(p)) for p in range(partitions)]
        published = json.loads(self._published_path.read_text()) if self._published_path.exists() else []
        self._published = [*published, *[0] * partitions][:partitions]
        self._partitions: dict[int, int] = {}
        self._held: dict[int, list[Read]] = {}
        self.end = sum(log.end for log in self._logs)

    def _home(self, partition: int) -> Path:
        return self._folder / str(partition)

    def append(self, reads: list[Read]) -> None:
        """Write reads to their partitions, in order for each connection."""
        sorted_: list[list[Read]] = [[] for _ in self._logs]
        for read in reads:
            for partition, known in self._placed(read):
                sorted_[partition].append(known)
        newest = reads[-1][1] if reads else 0
        for connection in [c for c, held in self._held.items() if newest - held[0][1] > CLUSTER_HOLD_S * 1e6]:
            for partition, known in self._give_up(connection):
                sorted_[partition].append(known)
        for log, mine in zip(self._logs, sorted_, strict=True):
            for group in _pieces(mine):
                log.append(group)

    def flush(self) -> int:
        """What was appended is on disk when this returns; gives how much that is in all."""
        self.end = sum(log.flush() for log in self._logs)
        return self.end

    def close(self) -> None:
        self.append_held()
        for log in self._logs:
            log.close()
        self._keep_published()

    def append_held(self) -> None:
        """Write what still waits for a device's name."""
        for connection in list(self._held):
            for partition, read in self._give_up(connection):
                self._logs[partition].append([read])
        self.flush()

    # -- which partition ------------------------------------------------------------------

    def _placed(self, read: Read) -> Iterator[tuple[int, Read]]:
        connection, _, data = read
        if not connection & NUMBERED:  # a gateway's beat: everyone hears what time it is there
            yield from ((partition, read) for partition in range(len(self._logs)))
            return
        known = self._partitions.get(connection)
        if known is not None:
            if not data:
                del self._partitions[connection]
            yield known, read
            return
        held = self._held.setdefault(connection, [])
        held.append(read)
        begun = b"".join(part for *_, part in held)
        imei = _imei_in(begun)
        if imei is not None:
            yield from self._assign(connection, partition_of(imei, len(self._logs)))
        elif not data or len(begun) > CLUSTER_HOLD_BYTES:
            yield from self._give_up(connection)

    def _give_up(self, connection: int) -> Iterator[tuple[int, Read]]:
        yield from self._assign(connection, connection % len(self._logs))

    def _assign(self, connection: int, partition: int) -> Iterator[tuple[int, Read]]:
        held = self._held.pop(connection)
        if held[-1][2]:
            self._partitions[connection] = partition
        for read in held:
            yield partition, read

    # -- the publisher's end --------------------------------------------------------------

    def take(self, partition: int, position: int) -> list[tuple[bytes, int]]:
        """The next blocks behind a position, packed, with the position behind each."""
        taken, size = [], 0
        home = raw_folder(self._home(partition))
        for block in blocks_between(home, position, self._logs[partition].end):
            taken.append((packed_block(block), block.end))
            size += len(block.data)
            if size >= CLUSTER_TAKE_BYTES:
                break
        return taken

    def published(self, partition: int, position: int) -> None:
        """Everything of a partition before a position is safe in the stream; old segments go."""
        log = self._logs[partition]
        if log.end < position:  # the folder is new and the stream is not: positions are never given twice
            log.close()
            self._logs[partition] = RawLog(self._home(partition), at_least=position)
        self._published[partition] = position
        if drop_segments_before(self._home(partition), position):
            self._keep_published()

    def starts(self, partition: int) -> int:
        """Where publishing goes on, as far as this folder knows."""
        return int(self._published[partition])

    @property
    def waiting_bytes(self) -> int:
        """What is not yet published."""
        return sum(max(0, log.end - done) for log, done in zip(self._logs, self._published, strict=True))

    def _keep_published(self) -> None:
        part = self._published_path.with_suffix(".part")
        with part.open("w") as file:
            file.write(json.dumps(self._published))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self._published_path)
        sync_folder(self._folder)


def _imei_in(data: bytes) -> bytes | None:
    """The first IMEI that a connection names: a run of 15 digits, or what the decoder finds in its first frame."""
    plain = _IMEI.search(data)
    if plain:
        return plain.group() if plain.end() < len(data) else None  # its last digits may be cut off
    for raw in Framer(b"").feed(data)[:1]:
        imei = decode_frame(raw)[0].imei
        if imei:
            return imei.encode()
    return None


def _pieces(reads: list[Read]) -> Iterator[list[Read]]:
    """Reads in groups that fit in one message."""
    group: list[Read] = []
    size = 0
    for read in reads:
        if group and size + len(read[2]) > CLUSTER_PIECE_BYTES:
            yield group
            group, size = [], 0
        group.append(read)
        size += len(read[2]) + 20
    if group:
        yield group
