"""The raw log: every byte a device sent, on disk before anything is made of it.

Segment files lie under ``$DIR/gateway/raw``; each is named by the offset of its
first byte in the log as a whole, so one number says how far the log was read.
A record is a header (length, CRC-32, arrival in microseconds, connection) and
the bytes as received; a record of no bytes says that the connection ended.
"""

import logging
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from immis.gateway.tolerances import RAW_SEGMENT_BYTES

_HEADER = struct.Struct("<II")
_STAMP = struct.Struct("<qQ")
_OVERHEAD = _HEADER.size + _STAMP.size
_LONGEST = 16 * 1024 * 1024
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One read of a socket: where its record starts and ends in the log, when it came, from where."""

    offset: int
    end: int
    received_us: int
    connection: int
    data: bytes


class RawLog:
    """Appends in groups with one fsync each; after a crash the torn tail is set aside."""

    def __init__(self, data_dir: Path, *, segment_bytes: int = RAW_SEGMENT_BYTES, at_least: int = 0) -> None:
        """Open at the end; offsets below ``at_least`` (a checkpoint) are never given again, even to an emptied log."""
        self._folder = Path(data_dir) / "gateway" / "raw"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._segment_bytes = segment_bytes
        self._start = self.end = 0
        self._file = self._open_last()
        if self.end < at_least:
            self._file.close()
            self._file = self._open(at_least)

    def append(self, reads: list[tuple[int, int, bytes]]) -> list[RawRecord]:
        """Write (connection, arrival in microseconds, bytes) in order and return them once fsynced."""
        records: list[RawRecord] = []
        parts: list[bytes] = []
        at = self.end
        for connection, received_us, data in reads:
            stamp = _STAMP.pack(received_us, connection)
            parts += (_HEADER.pack(len(data), zlib.crc32(data, zlib.crc32(stamp))), stamp, data)
            records.append(RawRecord(at, at + _OVERHEAD + len(data), received_us, connection, data))
            at = records[-1].end
        self._file.write(b"".join(parts))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.end = at
        if self.end - self._start >= self._segment_bytes:
            self._roll()
        return records

    def read_from(self, offset: int) -> Iterator[RawRecord]:
        """Records from ``offset`` on; a damaged stretch is skipped to the next segment, and logged."""
        segments = self._segments()
        for i, (start, path) in enumerate(segments):
            end = segments[i + 1][0] if i + 1 < len(segments) else self.end
            if end <= offset:
                continue
            with path.open("rb") as file:
                file.seek(max(0, offset - start))
                at = max(offset, start)
                for record in _records(file, at):
                    at = record.end
                    yield record
            if at < end:
                log.error("raw log damaged at offset %d; reading on at %d", at, end)

    def close(self) -> None:
        self._file.close()

    def _segments(self) -> list[tuple[int, Path]]:
        return sorted((int(path.stem), path) for path in self._folder.glob("*.raw"))

    def _open_last(self) -> BinaryIO:
        segments = self._segments()
        if not segments:
            return self._open(0)
        self._start, path = segments[-1]
        whole = self._start
        with path.open("rb") as file:
            for record in _records(file, self._start):
                whole = record.end
        self.end = whole
        if path.stat().st_size > whole - self._start:
            self._set_tail_aside(path, whole - self._start)
        return path.open("ab")

    def _set_tail_aside(self, path: Path, size: int) -> None:
        with path.open("r+b") as file:
            file.seek(size)
            path.with_suffix(".torn").write_bytes(file.read())
            file.truncate(size)
            os.fsync(file.fileno())

    def _roll(self) -> None:
        self._file.close()
        self._file = self._open(self.end)

    def _open(self, start: int) -> BinaryIO:
        self._start = self.end = start
        file = (self._folder / f"{start:016d}.raw").open("ab")
        sync_folder(self._folder)
        return file


def _records(file: BinaryIO, at: int) -> Iterator[RawRecord]:
    while len(head := file.read(_OVERHEAD)) == _OVERHEAD:
        length, crc = _HEADER.unpack_from(head)
        if length > _LONGEST:
            return
        data = file.read(length)
        if len(data) < length or zlib.crc32(data, zlib.crc32(head[_HEADER.size :])) != crc:
            return
        received_us, connection = _STAMP.unpack_from(head, _HEADER.size)
        yield RawRecord(at, at + _OVERHEAD + length, received_us, connection, data)
        at += _OVERHEAD + length


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
