"""From reads in the raw log to frames: plain streams all at once, doubtful ones each by its framer."""

from collections import Counter
from dataclasses import dataclass, field

import numpy

from immis.gateway.ingest.peers import sender_in
from immis.gateway.log.port import GATEWAY_BITS, Block
from immis.gateway.protocols.digits import PAD, Array
from immis.gateway.protocols.framing import Framer
from immis.gateway.protocols.many.cut import cut, join
from immis.gateway.tolerances import COLUMNS_FROM, HELD_S, SILENCE_S, STALL_S

_P = ord("P")
_READ_BYTES = 250  # of a read of one packet


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, who sent it, when and where in the log the read stands that completed it; ``turn`` is its order."""

    turn: float
    connection: int
    raw: bytes
    received_s: float
    raw_ref: int
    terminated: bool


@dataclass
class Reads:
    """The reads of some blocks, column by column."""

    connections: Array
    received_s: Array
    at: Array
    data: list[bytes]

    leads: Array | None = None  # first byte of each, -1 where a connection ended

    def __post_init__(self) -> None:
        if self.leads is None:
            self.leads = numpy.array([data[0] if data else -1 for data in self.data], dtype=numpy.int16)

    def openings(self) -> list[tuple[int, str]]:
        """Take the openings of connections (``peers``) off the reads that begin with one; each with its sender.

        Only the gateway makes a read that begins so: before a sender's own such line it puts a line's end (``door``).
        """
        results = []
        kept = numpy.ones(len(self.data), dtype=bool)
        for i in numpy.flatnonzero(self.leads == _P).tolist():
            line, end, rest = self.data[i].partition(b"\n")
            if sender := sender_in(line + end):
                results.append((int(self.connections[i]), sender))
                self.data[i] = rest
                kept[i] = bool(rest)
        if not kept.all():
            self.connections, self.received_s, self.at = self.connections[kept], self.received_s[kept], self.at[kept]
            self.leads = self.leads[kept] if self.leads is not None else None
            self.data = [data for data, stays in zip(self.data, kept.tolist(), strict=True) if stays]
        return results

    def ended(self) -> list[int]:
        """The connections that ended."""
        ended: list[int] = self.connections[self.leads == -1].tolist()
        return ended

    @classmethod
    def of(cls, blocks: list[Block]) -> "Reads":
        data: list[bytes] = []
        leads = [numpy.zeros(0, numpy.int16)]
        for block in blocks:
            bounds = numpy.cumsum(block.lengths)
            starts = bounds - block.lengths
            data += [block.data[start:end] for start, end in zip(starts.tolist(), bounds.tolist(), strict=True)]
            letters = numpy.frombuffer(block.data + b"\0", dtype=numpy.uint8)
            leads.append(numpy.where(block.lengths > 0, letters[starts].astype(numpy.int16), -1))
        join_up = numpy.concatenate
        if not blocks:
            return cls(numpy.zeros(0, int), numpy.zeros(0), numpy.zeros(0, int), data, leads[0])
        stamps = join_up([block.received_us for block in blocks])
        return cls(
            join_up([block.connections for block in blocks]),
            stamps / 1e6,
            join_up([b.at for b in blocks]),
            data,
            join_up(leads),
        )


@dataclass
class CutFrames:
    """Frames out of plain streams, as places in one padded buffer, in the order of their completion."""

    buffer: Array
    starts: Array
    ends: Array
    turns: Array
    connections: Array
    received_s: Array
    raw_refs: Array

    def frame(self, row: int) -> Frame:
        return Frame(
            float(self.turns[row]),
            int(self.connections[row]),
            self.buffer[self.starts[row] : self.ends[row]].tobytes(),
            float(self.received_s[row]),
            int(self.raw_refs[row]),
            True,
        )


@dataclass
class Streams:
    """The unfinished frames of all connections."""

    rests: dict[int, bytes]
    counters: Counter[str]
    columns_from: int = COLUMNS_FROM
    waiting: dict[int, float] = field(default_factory=dict)
    elsewhere: dict[int, float] = field(default_factory=dict)  # what time it is at other gateways, as last heard
    asking: list[tuple[int, int]] = field(default_factory=list)  # connections that wait to send a body, and the read

    def __post_init__(self) -> None:
        self.waiting = dict.fromkeys(self.rests, 0.0)

    def take(self, reads: Reads) -> tuple[CutFrames | None, list[Frame]]:
        """Frames that the reads complete: plain ones as places, the others one by one."""
        self._hear_time(reads)
        few = len(reads.data) < self.columns_from and sum(map(len, reads.data)) < self.columns_from * _READ_BYTES
        if few or not reads.data:
            return None, self._one_by_one(reads, range(len(reads.data)))
        order = numpy.argsort(reads.connections, kind="stable")
        sorted_ = reads.connections[order]
        first = numpy.flatnonzero(numpy.append(True, sorted_[1:] != sorted_[:-1]))
        parts, sizes = self._parts(reads, order.tolist(), first.tolist(), sorted_.tolist())
        read_ends = PAD + numpy.cumsum(sizes)
        last = numpy.append(first[1:], len(order)) - 1
        begins = read_ends[first] - sizes[first]
        result = cut(join(parts), begins, read_ends[last])
        doubtful = self._keep_rests(reads, result.buffer, result.rests, read_ends[last], order[last], sorted_[first])
        which = order[numpy.searchsorted(read_ends, result.done, side="right")]
        sure = ~numpy.isin(reads.connections[which], list(doubtful)) if doubtful else numpy.ones(len(which), bool)
        which, starts, ends = which[sure], result.starts[sure], result.ends[sure]
        by_turn = numpy.argsort(which * 1.0 + starts / (4.0 * len(result.buffer)), kind="stable")
        which, starts, ends = which[by_turn], starts[by_turn], ends[by_turn]
        frames = CutFrames(
            result.buffer, starts, ends, which + numpy.arange(len(which)) / (len(which) + 1.0),
            reads.connections[which], reads.received_s[which], reads.at[which],
        )  # fmt: skip
        rows = [i for i in range(len(reads.data)) if int(reads.connections[i]) in doubtful] if doubtful else []
        return frames, self._one_by_one(reads, rows)

    def _hear_time(self, reads: Reads) -> None:
        """Of reads that came from gateways of a cluster: how far each one's stream of reads has come."""
        gateways = reads.connections >> GATEWAY_BITS
        for gateway in numpy.unique(gateways[gateways > 0]).tolist():
            newest = float(reads.received_s[gateways == gateway].max())
            self.elsewhere[gateway] = max(newest, self.elsewhere.get(gateway, 0.0))

    def _now_for(self, connection: int, now_s: float) -> float:
        """The time at a connection's own end: what a cut-off gateway has spooled has not been waited for in vain."""
        gateway = connection >> GATEWAY_BITS
        return self.elsewhere.get(gateway, 0.0) if gateway else now_s

    def _parts(
        self, reads: Reads, order: list[int], first: list[int], connections: list[int]
    ) -> tuple[list[bytes], Array]:
        """The bytes of each read by connection; the first of each has the rest before it."""
        parts = [reads.data[i] for i in order]
        for i in first:
            rest = self.rests.get(connections[i])
            if rest:
                parts[i] = rest + parts[i]
        return parts, numpy.fromiter(map(len, parts), dtype=numpy.int64, count=len(parts))

    def _keep_rests(
        self, reads: Reads, buffer: Array, rests: Array, ends: Array, last: Array, connections: Array
    ) -> set[int]:
        """Remember what each plain stream left open; gives the connections that their framers must read."""
        doubtful: set[int] = set()
        closed = set(reads.connections[[i for i, data in enumerate(reads.data) if not data]].tolist())
        since = reads.received_s[last].tolist()
        for connection, rest, end, at in zip(connections.tolist(), rests.tolist(), ends.tolist(), since, strict=True):
            if rest < 0 or (rest < end and connection in closed):
                doubtful.add(connection)
            elif rest < end:
                self.rests[connection] = buffer[rest:end].tobytes()
                self.waiting[connection] = at
            else:
                self.rests.pop(connection, None)
                self.waiting.pop(connection, None)
        return doubtful

    def _one_by_one(self, reads: Reads, rows: "range | list[int]") -> list[Frame]:
        frames: list[Frame] = []
        for i in rows:
            connection, received_s, at = int(reads.connections[i]), float(reads.received_s[i]), int(reads.at[i])
            if reads.data[i]:
                feed = self._feed(connection, reads.data[i], received_s)
                if connection in self.rests and Framer(self.rests[connection]).asks_to_go_on:
                    self.asking.append((connection, at))
                frames += [Frame(i, connection, raw, received_s, at, True) for raw in feed]
            else:
                frames += self.close(connection, received_s, at, turn=i)
        return frames

    def _feed(self, connection: int, data: bytes, received_s: float) -> list[bytes]:
        framer = Framer(self.rests.pop(connection, b""))
        frames = framer.feed(data)
        self.counters["noise_bytes"] += framer.noise_bytes
        self.counters["oversize"] += framer.oversize
        if framer.rest:
            self.rests[connection], self.waiting[connection] = framer.rest, received_s
        else:
            self.waiting.pop(connection, None)
        return frames

    def close(self, connection: int, received_s: float, raw_ref: int, *, turn: float = 0.0) -> list[Frame]:
        """What a connection left unfinished when it ended."""
        self.waiting.pop(connection, None)
        framer = Framer(self.rests.pop(connection, b""))
        held = framer.held
        raw = framer.flush()
        return [Frame(turn, connection, raw, received_s, raw_ref, held)] if raw else []

    def flush_waiting(self, now_s: float, raw_ref: int, *, rate: float) -> list[Frame]:
        """Frames that wait in vain: whole ones soon, unterminated ones after some silence."""
        frames: list[Frame] = []
        held = HELD_S * rate
        for connection in [c for c, since in self.waiting.items() if not since]:
            self.waiting[connection] = self._now_for(connection, now_s)  # known from a checkpoint: its wait begins anew
        due = (c for c, since in self.waiting.items() if since <= self._now_for(c, now_s) - held)
        for connection in sorted(due):
            since, rest = self.waiting[connection], self.rests[connection]
            patience = STALL_S if rest.startswith(b"$") else SILENCE_S
            if self._now_for(connection, now_s) - since < patience * rate and not Framer(rest).held:
                continue
            frames += self.close(connection, since or now_s, raw_ref)
        return frames
