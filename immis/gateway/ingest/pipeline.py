"""From logged bytes to positions and events: frames, records, device state, fences, trips, signals.

Everything here follows from the raw log and the last checkpoint, so that a
crash at any moment only means doing the same work again. Most packets go
through column by column (``columns``, ``quiet``); what is in doubt or says more
than "a little further on" goes one by one, with the same result.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy
import polars

from immis import clock
from immis.gateway.commands import CommandBook
from immis.gateway.history.aside import Desk
from immis.gateway.history.late import LateWork
from immis.gateway.ingest.advance import Arrival, OneByOne, Parts
from immis.gateway.ingest.answers import Answer, Answers
from immis.gateway.ingest.families import FamilyBook
from immis.gateway.ingest.peers import Peers
from immis.gateway.ingest.streams import CutFrames, Frame, Reads, Streams
from immis.gateway.log.port import Block
from immis.gateway.protocols.checksums import ChecksumBook
from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.http import CONTINUE
from immis.gateway.protocols.many.columns import OUTSIDE_INDIA, LayoutBook, decode_columns
from immis.gateway.protocols.osmand import DIALECT as PHONE
from immis.gateway.protocols.packet import Packet
from immis.gateway.state.device import DeviceState
from immis.gateway.state.events import NewEvent
from immis.gateway.state.floods import Floods
from immis.gateway.state.quiet import Candidates, follow_quietly
from immis.gateway.state.recent import KINDS, key_of
from immis.gateway.store import parquet
from immis.gateway.store.outbox import Outbox
from immis.gateway.store.rows import digest_of, frame_of_quiet
from immis.gateway.store.snapshot import SnapshotReader
from immis.gateway.tolerances import AMEND_AT_ONCE, COLUMNS_FROM, FLOOD_LOOK_S, ROUND_FROM

_URGENT = frozenset({"device.emergency", "device.tamper", "device.power_cut"})
_MOST_DEVICES = 2_000_000  # invented IMEIs must not fill the memory
log = logging.getLogger(__name__)


class Pipeline:
    """The work behind the raw log. Not for use by two threads at once."""

    def __init__(self, data_dir: str | Path, *, columns_from: int = COLUMNS_FROM, round_from: int = ROUND_FROM) -> None:
        """``columns_from`` reads and ``round_from`` devices are the fewest that are worked through by columns."""
        self._data_dir = Path(data_dir)
        self._outbox = Outbox(data_dir)
        self._snapshot = SnapshotReader(data_dir)
        self.fleet = self._outbox.fleet()
        self._checksums = ChecksumBook(self._outbox.fact("checksums", {}))
        self.counters: Counter[str] = Counter(self._outbox.fact("counters", {}))
        self._streams = Streams(self._outbox.rests(), self.counters, columns_from)
        self._layouts, self._families, self._round_from = LayoutBook(), FamilyBook(self._checksums), round_from
        self.checkpoint: int = self._outbox.fact("checkpoint", 0)
        self._position = self.checkpoint
        self._commands = CommandBook(data_dir, self._outbox.fact("commands", []))
        self._rows: list[tuple[Any, ...]] = []
        self._parts: list[polars.DataFrame] = []
        self._events: list[NewEvent] = []
        self._answers = Answers(self._snapshot, self._commands, self.fleet, self._events)
        self._late = LateWork(self.fleet, self._snapshot, self._events)
        self._peers = Peers(self._outbox.peers())
        self._floods = Floods.from_kept(self._events, self._outbox.fact("floods", {}))
        self._floods_at = 0.0
        self._way = OneByOne(
            Parts(
                snapshot=self._snapshot,
                commands=self._commands,
                counters=self.counters,
                late_work=self._late,
                peers=self._peers,
                floods=self._floods,
                rows=self._rows,
                events=self._events,
            )
        )
        self._touched = False
        self._rate = _rate()
        self._snapshot.poll()
        self.fleet.review(self._snapshot.current.vehicles)
        self.commits: int = self._outbox.fact("commits", 0)
        parquet.drop_uncommitted(data_dir, self.checkpoint, self.commits)

    @property
    def rows_waiting(self) -> int:
        return len(self._rows) + sum(part.height for part in self._parts)

    @property
    def is_urgent(self) -> bool:
        """Whether anything waits to be told that an officer should see at once."""
        return any(event.kind in _URGENT and not event.payload.get("late") for event in self._events)

    def begin_run(self) -> int:
        """A number for this start of the process, never used before."""
        run: int = self._outbox.fact("run", 0) + 1
        self._outbox.keep("run", run)
        return run

    def take(self, blocks: Iterable[Block]) -> list[Answer]:
        """Work through logged blocks; gives the answers that devices wait for."""
        blocks = list(blocks)
        if self._snapshot.poll():
            self.fleet.review(self._snapshot.current.vehicles)
        self._rate = _rate()
        if blocks:
            self._position, self._touched = blocks[-1].end, True
        events_before = len(self._events)
        reads = Reads.of(blocks)
        for connection, sender in reads.openings():
            self._peers.note(connection, sender)
        plain, frames = self._streams.take(reads)
        answers = self._follow_plain(plain, frames) if plain else self._work(frames)
        answers += [Answer(connection, at, CONTINUE) for connection, at in self._streams.asking]
        self._streams.asking.clear()
        for connection in reads.ended():
            self._peers.forget(connection)
        if len(reads.received_s):
            self._end_floods(float(reads.received_s[-1]))
        self._events[events_before:] = sorted(self._events[events_before:], key=lambda event: event.turn)
        return answers

    def flush_waiting(self, now_s: float) -> list[Answer]:
        """Deliver frames that wait in vain: whole ones soon, unterminated ones after some silence."""
        frames = self._streams.flush_waiting(now_s, self._position, rate=self._rate)
        self._touched = self._touched or bool(frames)
        self._end_floods(now_s)
        return self._work(frames)

    def count(self, turned_away: dict[str, int]) -> None:
        """What the links' end turned away: noise, silent links, lines of strangers."""
        self.counters.update(turned_away)
        self._touched = True

    def close_all(self, now_s: float, *, below: int | None = None) -> None:
        """Every connection (numbered under ``below``) is gone: deliver what they left unfinished."""
        gone = [c for c in self._streams.rests if below is None or c < below]
        frames = [frame for connection in gone for frame in self._streams.close(connection, now_s, self._position)]
        self._touched = self._touched or bool(frames)
        self._work(frames)
        self._peers.forget_below(below)

    def commit(self) -> None:
        """Make it lasting: Parquet first, then events, states and checkpoint in one transaction."""
        if not self._touched:
            return
        parts = self._parts + ([parquet.frame_of(self._rows)] if self._rows else [])
        parquet.write_segment(self._data_dir, parts, start=self.checkpoint, end=self._position, number=self.commits + 1)
        self._outbox.commit(
            events=self._events,
            fleet=self.fleet,
            rests=self._streams.rests,
            peers=self._peers.changes(),
            facts={
                "checkpoint": self._position,
                "commits": self.commits + 1,
                "checksums": self._checksums.state(),
                "counters": self.counters,
                "commands": self._commands.kept(),
                **self._floods.kept(),
            },
        )
        self._commands.committed()
        self.checkpoint, self.commits = self._position, self.commits + 1
        for done in (self._rows, self._parts, self._events):
            done.clear()
        self._touched = False

    def late_work(self, now_s: float, *, far: bool = True) -> dict[str, Any] | None:
        """What is to be gone over of devices whose history has come in; None where none waits or not all is kept.

        ``far`` is of some devices with a long history, else of one with a short one.
        """
        due = [] if self._touched else self._late.due(now_s, rate=self._rate, far=far)
        if not due:
            return None
        some, seq = due[: AMEND_AT_ONCE if far else 1], self._outbox.newest()
        return self._late.ask(some, now_s, rate=self._rate, checkpoint=self.checkpoint, seq=seq)

    def work_in_late(self, now_s: float) -> bool:
        """Go over one device with a short history here and now; whether one waited."""
        asked = self.late_work(now_s, far=False)
        for answer in Desk(self._data_dir, self._snapshot).answer(asked) if asked else ():
            self.take_late_work(answer, now_s)
        return asked is not None

    def take_late_work(self, answer: dict[str, Any] | None, now_s: float) -> None:
        """What came of it; None where it could not be done, and is asked for again."""
        if answer is None:
            self._late.give_up()
        else:
            self._late.take(answer, now_s)
            self._touched = True

    def send_commands(self, now_s: float) -> list[Answer]:
        """The office's commands that can be sent now; those given up are told."""
        events_before = len(self._events)
        answers = self._answers.send_commands(now_s, self._position)
        self._touched |= len(self._events) > events_before
        return answers

    def close(self) -> None:
        self._outbox.close()

    def _follow_plain(self, plain: CutFrames, frames: list[Frame]) -> list[Answer]:
        """Plain frames by columns; what is in doubt, or of a device with a doubtful frame, one by one."""
        x = decode_columns(plain.buffer, plain.starts, plain.ends, self._layouts)
        frames += [plain.frame(i) for i in numpy.flatnonzero(~x.sure).tolist()]
        decoded = [(frame, self._decode(frame)) for frame in frames]
        mixed = {int(p.imei) for _, packets in decoded for p in packets if p.imei}
        mismatched, settled = self._families.judge(x, plain.buffer, plain.starts, plain.ends)
        rows = numpy.flatnonzero(x.sure)
        devices = self.fleet.rows_of(x.imei[rows])
        known = (devices >= 0) & settled[rows]
        if mixed:
            known &= ~numpy.isin(x.imei[rows], list(mixed))
        single = [plain.frame(i) for i in rows[~known].tolist()]
        decoded += [(frame, self._decode(frame)) for frame in single]
        decoded.sort(key=lambda pair: pair[0].turn)
        answers = self._work_decoded(decoded)
        return answers + self._follow_known(plain, x, rows[known], devices[known], mismatched)

    def _follow_known(self, plain: CutFrames, x: Any, rows: Any, devices: Any, mismatched: Any) -> list[Answer]:
        if not len(rows):
            return []
        placed = numpy.flatnonzero(~numpy.isnan(x.lat[rows]) & (x.problems[rows] & OUTSIDE_INDIA == 0))
        where = self._snapshot.current.fences.locate(x.lat[rows[placed]], x.lon[rows[placed]])
        inside, near = ({int(placed[i]): place for i, place in places.items()} for places in where)
        candidates = Candidates(
            x, rows, devices, plain.received_s[rows], mismatched, inside, near, plain.connections[rows], self._rate,
            self._snapshot.current.fences.readings,
        )  # fmt: skip
        answers: list[Answer] = []
        done, repeats = follow_quietly(
            candidates,
            self.fleet,
            lambda places: answers.extend(self._work([plain.frame(rows[i]) for i in places])),
            round_from=self._round_from,
        )
        self.counters["frames"] += len(done.rows) + len(repeats)
        self.counters["kind.position"] += len(done.rows) + len(repeats)
        self.counters["duplicates"] += len(repeats)
        self.counters["checksum_mismatch"] += int(mismatched[done.rows].sum() + mismatched[repeats].sum())
        if len(done.rows):
            refs, stamps = plain.raw_refs, plain.received_s
            vehicles = self.fleet.vehicles_of(done.devices)
            self._parts.append(
                frame_of_quiet(x, done, vehicles=vehicles, received_s=stamps, raw_refs=refs, mismatched=mismatched)
            )
        return answers

    def _work(self, frames: list[Frame]) -> list[Answer]:
        return self._work_decoded([(frame, self._decode(frame)) for frame in frames])

    def _decode(self, frame: Frame) -> list[Packet]:
        try:
            return decode_frame(frame.raw)
        except Exception:  # a fault of ours: the bytes are in the log, the gateway goes on
            log.exception("frame at %d could not be decoded", frame.raw_ref)
            self.counters["faults"] += 1
            return []

    def _work_decoded(self, decoded: list[tuple[Frame, list[Packet]]]) -> list[Answer]:
        answers: list[Answer] = []
        arrivals: list[Arrival] = []
        for frame, packets in decoded:
            if not packets:
                continue
            self._judge(packets[0], frame)
            known = (self._recognise(packet, frame) for packet in packets)
            arrivals += [arrival for arrival in known if arrival is not None]
            answer = self._answers.to_sender(packets[0], frame)
            if answer:
                answers.append(Answer(frame.connection, frame.raw_ref, answer))
        states = {arrival.state.row: arrival.state for arrival in arrivals}.values()
        for state in states:
            self.fleet.load(state)
        self._way.follow(arrivals, rate=self._rate)
        for state in states:
            self.fleet.save(state)
        return answers

    def _judge(self, packet: Packet, frame: Frame) -> None:
        self.counters["frames"] += 1
        self.counters[f"kind.{packet.kind}"] += 1
        if not frame.terminated:
            packet.problems.append("unterminated")
        if packet.imei is None or packet.kind not in ("position", "emergency", "login"):
            return
        verdict = self._checksums.judge(f"{packet.vendor}|{packet.word}|{packet.firmware}"[:80], frame.raw)
        if verdict == "mismatch":
            packet.problems.append("checksum_mismatch")
            self.counters["checksum_mismatch"] += 1

    def _recognise(self, packet: Packet, frame: Frame) -> Arrival | None:
        """Whose record it is and when it was; None for what says nothing, or nothing new."""
        if packet.imei is None or (packet.dialect == PHONE and not self._answers.may_report(packet, frame)):
            return None
        state = self.fleet.get(packet.imei)
        if state is None:
            if packet.kind == "unknown" or len(self.fleet) >= _MOST_DEVICES or self._is_flood(packet.imei, frame):
                return None
            state = self.fleet.admit(DeviceState(packet.imei))
        if packet.kind in KINDS and self.fleet.recent.seen(state.row, _key(packet)):
            self.counters["duplicates"] += 1
            return None
        return Arrival(packet, state, frame)

    def _is_flood(self, imei: str, frame: Frame) -> bool:
        """Whether a device never heard is one of too many that nobody fitted; its bytes are in the log alone."""
        snapshot = self._snapshot.current
        if snapshot.fitted(imei).get("fitted", True):
            return False
        address, by = self._peers.address_of(frame.connection), snapshot.fences.readings
        if self._floods.admits_device(imei, address, frame.received_s, by):
            return False
        self.counters["new_imeis_folded"] += 1
        return True

    def _end_floods(self, now_s: float) -> None:
        if self._floods.sources and abs(now_s - self._floods_at) >= FLOOD_LOOK_S:
            self._floods_at = now_s
            if self._floods.end_quiet(now_s, self._snapshot.current.fences.readings):
                self._touched = True


def _rate() -> float:
    """How fast the shared clock runs: waiting times are real, arrival stamps are its."""
    course = clock.course()
    return course.rate if course else 1.0


def _key(packet: Packet) -> int:
    """What makes a packet the same packet: device time, frame number, kind, alert (and bytes where these fail)."""
    return key_of(
        at_ms=int(packet.at.timestamp() * 1000) if packet.at else None,
        frame_no=packet.frame_no,
        kind=packet.kind,
        alert=packet.alert,
        digest=digest_of(packet),
    )
