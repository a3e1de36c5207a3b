"""The devices' connections: accepted, read once a tick each, answered and closed. No objects but their numbers."""

import errno
import logging
import os
import resource
import select
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress

from immis.gateway.ingest.door import Door
from immis.gateway.ingest.peers import opening_line
from immis.gateway.ingest.tls import Broken, TlsLink, TlsPort
from immis.gateway.log.port import Read
from immis.gateway.tolerances import FILES_KEPT_FREE, HEAVY_BYTES, LINKS_MOST, NOISE_LOOK_BYTES, READ_BYTES

_BACKLOG = 4096
_MOST_EVENTS = 65_536
_ACCEPT_AGAIN_S = 1.0
_MOST_PEERS = 10_000  # senders of datagrams that an answer may still reach
_LOOKED_AT = (b"", b"P")  # the first byte of an end, and of a line that only a balancer may send
_FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
log = logging.getLogger(__name__)


class Links:
    """All connections of one gateway; ``poll`` tells whether any of them has something to read."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        udp: tuple[str, int] | None = None,
        door: Door | None = None,
        tls: TlsPort | None = None,
    ) -> None:
        """Bind the addresses; nothing is accepted before ``open``. OSError when one cannot be had."""
        self.door = door or Door()
        self._most = most_links()
        self.poll = select.epoll()
        self._listener = _listening(host, port)
        self._listeners: dict[int, tuple[socket.socket, ssl.SSLContext | None]] = {
            self._listener.fileno(): (self._listener, None)
        }
        if tls is not None:
            private = _listening(tls.host, tls.port)
            self._listeners[private.fileno()] = (private, tls.context)
        self._tls: dict[int, TlsLink] = {}  # by descriptor
        self._datagrams = _bound_udp(udp) if udp else None
        self._numbers: dict[int, int] = {}  # by descriptor
        self._descriptors: dict[int, int] = {}  # by number
        self._answered: dict[int, list[int]] = {}  # the last frame of a link that got its answer
        self._heavy: set[int] = set()  # links that brought much at their last reading
        self._peers: dict[int, tuple[str, int]] = {}
        self._next_number = 0
        self._shut: set[int] = set()  # listeners that wait until there is room again
        self._accept_at: float | None = None

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listener.getsockname()[:2]
        return host, port

    def __len__(self) -> int:
        return len(self._numbers)

    def open(self, first_number: int) -> None:
        """Begin to accept; links are numbered from ``first_number`` on."""
        self._next_number = first_number
        for descriptor in (*self._listeners, *([self._datagrams.fileno()] if self._datagrams else [])):
            self.poll.register(descriptor, select.EPOLLIN)

    def read(self, now_us: int, *, room: int) -> list[Read]:
        """One reading of every link that has something; those that bring much wait when there is no room for more."""
        reads: list[Read] = []
        self._accept_later()
        accepting, door, tls = [], self.door, self._tls
        datagrams = self._datagrams.fileno() if self._datagrams else -1
        numbers, heavy, left, unproved = self._numbers, self._heavy, room, door.unproved
        for descriptor, _ in self.poll.poll(0, _MOST_EVENTS):
            number = numbers.get(descriptor)
            if number is None:
                if descriptor == datagrams:
                    reads += self._read_datagrams(now_us)
                else:
                    accepting.append(descriptor)
                continue
            if descriptor in heavy and left <= 0:
                continue
            data = _read_from(descriptor)
            if data is None:
                continue
            spent = unproved.get(number, NOISE_LOOK_BYTES) + len(data)
            if descriptor in tls:
                if not self._hear_tls(descriptor, (number, now_us, data), reads):
                    reads += self._drop(descriptor, number, now_us)
                    continue
            elif spent < NOISE_LOOK_BYTES and data[:1] not in _LOOKED_AT:  # nothing to look at: most reads
                unproved[number] = spent
                reads.append((number, now_us, data))
            else:
                heard = door.hear((number, now_us, data)) if data else None
                if heard is None:
                    reads += self._drop(descriptor, number, now_us)
                    continue
                reads += heard
            if len(data) >= HEAVY_BYTES:
                heavy.add(descriptor)
                left -= len(data)
            elif heavy:
                heavy.discard(descriptor)
        return reads + self._turn_away(now_us) + [end for row in accepting for end in self._accept(row, now_us)]

    def _turn_away(self, now_us: int) -> list[Read]:
        """End the links that have been silent for too long; gives their ends."""
        overdue = self.door.overdue(time.monotonic())
        return [end for number in overdue for end in self._drop(self._descriptors[number], number, now_us)]

    def _hear_tls(self, descriptor: int, read: Read, reads: list[Read]) -> bool:
        """Add what a device said under TLS to the reads; whether the link goes on."""
        (number, now_us, data), link, door = read, self._tls[descriptor], self.door
        if not data:
            return False
        try:
            for said in link.hear(data):
                if not link.is_private and not said:
                    door.hear_no_header(number, now_us)
                    continue
                if link.certified:
                    door.certify(number, link.certified)
                heard = door.hear((number, now_us, said))
                if heard is None:
                    return False
                reads += heard
            link.send(descriptor)
        except (Broken, OSError) as fault:
            door.counters["tls_links_broken"] += not link.is_private
            log.debug("link %d under TLS has ended: %s", number, fault)
            with suppress(Broken, OSError):
                link.send(descriptor)  # why, in the words of TLS
            return False
        return True

    def answer(self, number: int, place: list[int], data: bytes) -> None:
        """Answer a device, once: a worker that repeats another's work gives the same answers.

        ``place`` is the read in the log and which of its answers this is.
        """
        descriptor = self._descriptors.get(number)
        if descriptor is None:
            peer = self._peers.pop(number, None)
            if peer and self._datagrams:
                with suppress(OSError):
                    self._datagrams.sendto(data, peer)
            return
        if place > self._answered.get(number, []):
            self._answered[number] = place
            with suppress(OSError, Broken):  # one that does not read gets nothing
                if link := self._tls.get(descriptor):
                    link.say(data)
                    link.send(descriptor)
                else:
                    os.write(descriptor, data)

    def close(self, now_us: int) -> Iterator[Read]:
        """Accept nothing more and end every link; gives the end of each for the log."""
        for listener, _ in self._listeners.values():
            listener.close()
        for descriptor, number in list(self._numbers.items()):
            yield from self._drop(descriptor, number, now_us)
        if self._datagrams:
            self._datagrams.close()
        self.poll.close()

    def _accept(self, descriptor: int, now_us: int) -> list[Read]:
        """Take all links that wait; where there is no room the oldest silent ones go. Gives the ends of those."""
        ended: list[Read] = []
        listener, context = self._listeners[descriptor]
        while True:
            try:
                accepted, peer = listener.accept()
            except BlockingIOError:
                return ended
            except OSError as fault:
                if fault.errno not in _FULL:
                    continue  # it went away before it was taken
                if self._make_room(now_us, ended):
                    continue
                log.error("no more connections can be taken: %s", fault)
                self.poll.unregister(descriptor)
                self._shut.add(descriptor)
                self._accept_at = time.monotonic() + _ACCEPT_AGAIN_S
                return ended
            full = len(self._numbers) >= self._most and not self._make_room(now_us, ended)
            if full or not self.door.admits(peer[0]):
                self.door.counters["links_refused"] += full
                accepted.close()
                continue
            self._take_in(accepted, peer[:2], context, now_us)

    def _make_room(self, now_us: int, ended: list[Read]) -> bool:
        number = self.door.oldest_silent()
        if number is not None:
            ended += self._drop(self._descriptors[number], number, now_us)
        return number is not None

    def _take_in(
        self, accepted: socket.socket, peer: tuple[str, int], context: ssl.SSLContext | None, now_us: int
    ) -> None:
        accepted.setblocking(False)
        descriptor = accepted.detach()
        self._next_number += 1
        self.door.enter(self._next_number, peer, self.address, now_us=now_us, now_s=time.monotonic())
        self._numbers[descriptor] = self._next_number
        self._descriptors[self._next_number] = descriptor
        if context is not None:
            self._tls[descriptor] = TlsLink(context, behind_balancer=self.door.is_balancer(peer[0]))
        self.poll.register(descriptor, select.EPOLLIN)

    def _accept_later(self) -> None:
        if self._accept_at is not None and time.monotonic() >= self._accept_at:
            self._accept_at = None
            while self._shut:
                self.poll.register(self._shut.pop(), select.EPOLLIN)

    def _drop(self, descriptor: int, number: int, now_us: int) -> list[Read]:
        """End a link; gives its end for the log, where anything of it is there."""
        self.poll.unregister(descriptor)
        os.close(descriptor)
        del self._numbers[descriptor], self._descriptors[number]
        self._answered.pop(number, None)
        self._heavy.discard(descriptor)
        self._tls.pop(descriptor, None)
        return [(number, now_us, b"")] if self.door.leave(number) else []

    def _read_datagrams(self, now_us: int) -> list[Read]:
        """Each datagram that may hold a frame, as a link of its own that ends at once."""
        reads: list[Read] = []
        assert self._datagrams is not None
        for _ in range(_BACKLOG):
            try:
                data, peer = self._datagrams.recvfrom(READ_BYTES)
            except OSError:
                break
            if data := self.door.hear_datagram(data):
                self._next_number += 1
                opening = opening_line(peer[:2], self._datagrams.getsockname()[:2], protocol="UDP")
                reads += [(self._next_number, now_us, part) for part in (opening + data, b"")]
                self._peers[self._next_number] = peer
        while len(self._peers) > _MOST_PEERS:
            del self._peers[next(iter(self._peers))]
        return reads


def _read_from(descriptor: int) -> bytes | None:
    """What a link has; no bytes where it has ended, None where it has nothing after all."""
    try:
        return os.read(descriptor, READ_BYTES)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def most_links() -> int:
    """How many links may be open at once: as many as files, less those that the gateway itself needs."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return LINKS_MOST if files == resource.RLIM_INFINITY else max(8, min(LINKS_MOST, files - FILES_KEPT_FREE))


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=_BACKLOG
    )
    listener.setblocking(False)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # inherited by what it accepts
    return listener


def _bound_udp(address: tuple[str, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    datagrams.setblocking(False)
    datagrams.bind(address)
    return datagrams
