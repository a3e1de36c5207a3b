"""The raw log: every byte a device sent, on disk before anything is made of it.

Segment files lie under ``$DIR/gateway/raw``; each is named by the offset of its
first byte in the log as a whole, so one number says how far the log was read.
A block is one group of reads with one fsync: a mark, length and CRC-32, then the
number of reads, and of each its arrival (microseconds), connection and length,
then the bytes of all as received. A read of no bytes says that the connection ended.
"""

import io
import logging
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy

from immis.gateway.log.port import Block, RawRecord, Read
from immis.gateway.machine import sync_folder
from immis.gateway.tolerances import RAW_SEGMENT_BYTES

_MARK = b"IMB1"
_HEADER = struct.Struct("<4sIII")  # mark, bytes of the body, CRC-32 of the body, reads
_READ_BYTES = 8 + 8 + 4
_LONGEST = 64 * 1024 * 1024
_BLOCK_BYTES = 8 * 1024 * 1024
log = logging.getLogger(__name__)


class RawLog:
    """Appends in groups with one fsync each; after a crash the torn tail is set aside. One writer at a time."""

    def __init__(self, data_dir: Path, *, segment_bytes: int = RAW_SEGMENT_BYTES, at_least: int = 0) -> None:
        """Open at the end; offsets below ``at_least`` (a checkpoint) are never given again, even to an emptied log."""
        self._folder = raw_folder(data_dir)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._segment_bytes = segment_bytes
        self._start = self.end = self._written = 0
        self._file = self._open_last()
        if self.end < at_least:
            self._file.close()
            self._file = self._open(at_least)

    def append(self, reads: list[Read]) -> None:
        """Write reads in order; they are on disk after ``flush``."""
        for group in _groups(reads):
            block = packed(_body(group), len(group))
            self._file.write(block)
            self._written += len(block)

    def flush(self) -> int:
        """What was appended is on disk when this returns; gives the log's new end."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self.end = self._written
        if self.end - self._start >= self._segment_bytes:
            self._roll()
        return self.end

    def put(self, reads: list[Read]) -> list[Block]:
        """Append, flush and read back: for those who write and work through a log in one process."""
        before = self.end
        self.append(reads)
        self.flush()
        return list(self.blocks_from(before))

    def blocks_from(self, offset: int) -> Iterator[Block]:
        """Blocks from ``offset`` on, which is the start of one."""
        return blocks_between(self._folder, offset, self.end)

    def read_from(self, offset: int) -> Iterator[RawRecord]:
        """Reads from ``offset`` on, which may stand anywhere."""
        starts = [start for start, _ in _segments(self._folder) if start <= offset]
        for block in self.blocks_from(starts[-1] if starts else offset):
            if block.end > offset:
                yield from (record for record in block.records() if record.offset >= offset)

    def close(self) -> None:
        self._file.close()

    def _open_last(self) -> BinaryIO:
        segments = _segments(self._folder)
        if not segments:
            return self._open(0)
        self._start, path = segments[-1]
        whole = self._start
        with path.open("rb") as file:
            for block in _blocks(file, self._start):
                whole = block.end
        self.end = self._written = whole
        if path.stat().st_size > whole - self._start:
            _set_tail_aside(path, whole - self._start)
        return path.open("ab")

    def _roll(self) -> None:
        self._file.close()
        self._file = self._open(self.end)

    def _open(self, start: int) -> BinaryIO:
        self._start = self.end = self._written = start
        file = (self._folder / f"{start:016d}.raw").open("ab")
        sync_folder(self._folder)
        return file


class RawLogReader:
    """The same segments as another process reads them."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = raw_folder(data_dir)

    def blocks(self, start: int, end: int) -> Iterator[Block]:
        return blocks_between(self._folder, start, end)

    def close(self) -> None:
        """Nothing is kept open between two reads."""


def packed(body: bytes, count: int) -> bytes:
    """A block as it stands in a segment: mark, length, CRC-32, number of reads, then the reads."""
    return _HEADER.pack(_MARK, len(body), zlib.crc32(body), count) + body


def packed_block(block: Block) -> bytes:
    """A block read from a log, to be sent elsewhere."""
    columns = (
        block.received_us.astype("<i8").tobytes(),
        block.connections.astype("<u8").tobytes(),
        block.lengths.astype("<u4").tobytes(),
    )
    return packed(b"".join((*columns, block.data)), len(block.lengths))


def unpacked(block: bytes) -> list[Read]:
    """The reads of a packed block; ValueError for anything else."""
    blocks = list(_blocks(io.BytesIO(block), 0))
    if len(blocks) != 1 or blocks[0].end != len(block):
        raise ValueError("not a whole block of the raw log")
    return [(read.connection, read.received_us, read.data) for read in blocks[0].records()]


def drop_segments_before(data_dir: Path, offset: int) -> int:
    """Delete whole segments that end at or before an offset; the newest stays. Gives how many went."""
    segments = _segments(raw_folder(data_dir))
    gone = [path for (_, path), (until, _) in zip(segments, segments[1:], strict=False) if until <= offset]
    for path in gone:
        path.unlink()
    return len(gone)


def drop_old_segments(data_dir: Path, *, below: int, before_us: int, kept_us: Sequence[tuple[int, int]]) -> int:
    """Delete whole segments that end at or below an offset and whose bytes all arrived before an instant.

    A segment in which anything arrived during one of ``kept_us`` stays, and so does the newest. Gives how many went.
    """
    segments = _segments(raw_folder(data_dir))
    gone = 0
    for (_, path), (until, following) in zip(segments, segments[1:], strict=False):
        if until > below or (last := _first_arrival_us(following)) >= before_us:
            break
        first = _first_arrival_us(path)
        if not any(start <= last and end >= first for start, end in kept_us):
            path.unlink()
            gone += 1
    return gone


def _first_arrival_us(path: Path) -> int:
    """When the first bytes of a segment arrived; of one without a whole block, when it was written last."""
    with path.open("rb") as file:
        head = file.read(_HEADER.size + 8)
    if len(head) == _HEADER.size + 8 and head.startswith(_MARK) and _HEADER.unpack(head[: _HEADER.size])[3]:
        return int.from_bytes(head[_HEADER.size :], "little", signed=True)
    return int(path.stat().st_mtime * 1e6)


def blocks_backwards(data_dir: Path) -> Iterator[list[Block]]:
    """The blocks of each segment, the newest segment first."""
    for start, path in reversed(_segments(raw_folder(data_dir))):
        with path.open("rb") as file:
            yield list(_blocks(file, start))


def raw_folder(data_dir: str | Path) -> Path:
    return Path(data_dir) / "gateway" / "raw"


def blocks_between(folder: Path, start: int, end: int) -> Iterator[Block]:
    """Blocks from ``start`` (the start of one) to ``end``; a damaged stretch is skipped to the next segment."""
    segments = _segments(folder)
    for i, (begin, path) in enumerate(segments):
        until = segments[i + 1][0] if i + 1 < len(segments) else end
        if until <= start or begin >= end:
            continue
        at = max(start, begin)
        with path.open("rb") as file:
            file.seek(at - begin)
            for block in _blocks(file, at):
                if block.end > end:
                    return
                at = block.end
                yield block
        if at < min(until, end):
            log.error("raw log damaged at offset %d; reading on at %d", at, until)


def _groups(reads: list[Read]) -> Iterator[list[Read]]:
    """Reads in groups of a size that a block may have."""
    group: list[Read] = []
    size = 0
    for read in reads:
        if group and size + len(read[2]) > _BLOCK_BYTES:
            yield group
            group, size = [], 0
        group.append(read)
        size += len(read[2])
    if group:
        yield group


def _body(reads: list[Read]) -> bytes:
    connections, stamps, parts = zip(*reads, strict=True)
    columns = (
        numpy.array(stamps, dtype="<i8").tobytes(),
        numpy.array(connections, dtype="<u8").tobytes(),
        numpy.fromiter(map(len, parts), dtype="<u4", count=len(parts)).tobytes(),
    )
    return b"".join((*columns, *parts))


def _block(offset: int, end: int, count: int, body: bytes) -> Block:
    lengths = numpy.frombuffer(body, dtype="<u4", count=count, offset=16 * count).astype(numpy.int64)
    first = offset + _HEADER.size + _READ_BYTES * count
    return Block(
        offset,
        end,
        numpy.frombuffer(body, dtype="<i8", count=count),
        numpy.frombuffer(body, dtype="<u8", count=count, offset=8 * count).astype(numpy.int64),
        lengths,
        first + numpy.cumsum(lengths) - lengths,
        body[_READ_BYTES * count :],
    )


def _blocks(file: BinaryIO, at: int) -> Iterator[Block]:
    while len(head := file.read(_HEADER.size)) == _HEADER.size:
        mark, length, crc, count = _HEADER.unpack(head)
        if mark != _MARK or length > _LONGEST or length < _READ_BYTES * count:
            return
        body = file.read(length)
        if len(body) < length or zlib.crc32(body) != crc:
            return
        end = at + _HEADER.size + length
        yield _block(at, end, count, body)
        at = end


def _segments(folder: Path) -> list[tuple[int, Path]]:
    return sorted((int(path.stem), path) for path in folder.glob("*.raw"))


def _set_tail_aside(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(size)
        path.with_suffix(".torn").write_bytes(file.read())
        file.truncate(size)
        os.fsync(file.fileno())
