"""The port behind which the gateway keeps what devices sent: one end writes, the other reads from a checkpoint.

The parent process holds a ``Log``, a worker a ``LogReader``. A position is one whole
number that only grows; what lies before the checkpoint is never asked for again by the
gateway itself, and ``raw_ref`` of a stored row is the position of the read it came from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from immis.gateway.protocols.digits import Array

GATEWAY_BITS = 48  # a connection's number in a cluster: its gateway's above these bits, its own below
Read = tuple[int, int, bytes]  # connection, arrival in microseconds, bytes; no bytes: the connection ended


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One read of a socket: where its bytes start and end in the log, when they came, from where."""

    offset: int
    end: int
    received_us: int
    connection: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """Reads that were made durable together, column by column; ``at`` is where each one's bytes stand in the log."""

    offset: int
    end: int
    received_us: Array
    connections: Array
    lengths: Array
    at: Array
    data: bytes

    def records(self) -> Iterator[RawRecord]:
        first = int(self.at[0]) if len(self.at) else 0
        columns = zip(*(x.tolist() for x in (self.at, self.lengths, self.received_us, self.connections)), strict=True)
        for at, length, received_us, connection in columns:
            yield RawRecord(at, at + length, received_us, connection, self.data[at - first : at - first + length])


class Log(Protocol):
    """The writing end. One writer at a time; ``append`` and ``flush`` are called from one thread, not the event loop's.

    A device is answered, and a worker told of bytes, only after ``flush`` has returned.
    """

    end: int  # position behind the last read that is safe

    def append(self, reads: list[Read]) -> None:
        """Take reads in order; they need not be safe yet."""

    def flush(self) -> int:
        """Make what was appended survive a crash; gives the new end. OSError where that cannot be had."""

    def close(self) -> None: ...


class LogReader(Protocol):
    """The reading end, in the worker's process."""

    def blocks(self, start: int, end: int) -> Iterator[Block]:
        """Blocks from ``start`` (0, or the end of one) up to ``end``; a damaged stretch is skipped and logged."""

    def close(self) -> None: ...
