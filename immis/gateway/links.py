"""The devices' connections: accepted, read once a tick each, answered and closed. No objects but their numbers."""

import errno
import logging
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

from immis.gateway.logport import Read
from immis.gateway.peers import opening_line
from immis.gateway.tolerances import HEAVY_BYTES, READ_BYTES

_BACKLOG = 4096
_MOST_EVENTS = 65_536
_ACCEPT_AGAIN_S = 1.0
_MOST_PEERS = 10_000  # senders of datagrams that an answer may still reach
_FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
log = logging.getLogger(__name__)


class Links:
    """All connections of one gateway; ``poll`` tells whether any of them has something to read."""

    def __init__(self, host: str, port: int, *, udp: tuple[str, int] | None = None) -> None:
        """Bind the addresses; nothing is accepted before ``open``. OSError when one cannot be had."""
        self.poll = select.epoll()
        self._listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=_BACKLOG
        )
        self._listener.setblocking(False)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # inherited by what it accepts
        self._datagrams = _bound_udp(udp) if udp else None
        self._numbers: dict[int, int] = {}  # by descriptor
        self._descriptors: dict[int, int] = {}  # by number
        self._answered: dict[int, list[int]] = {}  # the last frame of a link that got its answer
        self._heavy: set[int] = set()  # links that brought much at their last reading
        self._peers: dict[int, tuple[str, int]] = {}
        self._next_number = 0
        self._accept_at: float | None = None
        self._openings: list[tuple[int, bytes]] = []  # of links accepted since the last reading

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listener.getsockname()[:2]
        return host, port

    def __len__(self) -> int:
        return len(self._numbers)

    def open(self, first_number: int) -> None:
        """Begin to accept; links are numbered from ``first_number`` on."""
        self._next_number = first_number
        for one in (self._listener, self._datagrams):
            if one is not None:
                self.poll.register(one.fileno(), select.EPOLLIN)

    def read(self, now_us: int, *, room: int) -> list[Read]:
        """One reading of every link that has something; those that bring much wait when there is no room for more."""
        reads: list[Read] = []
        self._accept_later()
        listener = self._listener.fileno()
        datagrams = self._datagrams.fileno() if self._datagrams else -1
        numbers, heavy, left = self._numbers, self._heavy, room
        for descriptor, _ in self.poll.poll(0, _MOST_EVENTS):
            number = numbers.get(descriptor)
            if number is None:
                if descriptor == listener:
                    self._accept()
                elif descriptor == datagrams:
                    reads += self._read_datagrams(now_us)
                continue
            if descriptor in heavy and left <= 0:
                continue
            try:
                data = os.read(descriptor, READ_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            reads.append((number, now_us, data))
            if not data:
                self._drop(descriptor, number)
            elif len(data) >= HEAVY_BYTES:
                heavy.add(descriptor)
                left -= len(data)
            elif heavy:
                heavy.discard(descriptor)
        reads += [(number, now_us, line) for number, line in self._openings]
        self._openings.clear()
        return reads

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
            with suppress(OSError):  # one that does not read gets nothing
                os.write(descriptor, data)

    def close(self, now_us: int) -> Iterator[Read]:
        """Accept nothing more and end every link; gives the end of each for the log."""
        self._listener.close()
        for descriptor, number in list(self._numbers.items()):
            self._drop(descriptor, number)
            yield number, now_us, b""
        if self._datagrams:
            self._datagrams.close()
        self.poll.close()

    def _accept(self) -> None:
        while True:
            try:
                accepted, peer = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as fault:
                if fault.errno in _FULL:
                    log.error("no more connections can be taken: %s", fault)
                    self.poll.unregister(self._listener.fileno())
                    self._accept_at = time.monotonic() + _ACCEPT_AGAIN_S
                    return
                continue  # it went away before it was taken
            accepted.setblocking(False)
            descriptor = accepted.detach()
            self._next_number += 1
            self._openings.append((self._next_number, opening_line(peer[:2], self.address)))
            self._numbers[descriptor] = self._next_number
            self._descriptors[self._next_number] = descriptor
            self.poll.register(descriptor, select.EPOLLIN)

    def _accept_later(self) -> None:
        if self._accept_at is not None and time.monotonic() >= self._accept_at:
            self._accept_at = None
            self.poll.register(self._listener.fileno(), select.EPOLLIN)

    def _drop(self, descriptor: int, number: int) -> None:
        self.poll.unregister(descriptor)
        os.close(descriptor)
        del self._numbers[descriptor], self._descriptors[number]
        self._answered.pop(number, None)
        self._heavy.discard(descriptor)

    def _read_datagrams(self, now_us: int) -> list[Read]:
        """Each datagram as a link of its own that ends at once."""
        reads: list[Read] = []
        assert self._datagrams is not None
        for _ in range(_BACKLOG):
            try:
                data, peer = self._datagrams.recvfrom(READ_BYTES)
            except OSError:
                break
            if data:
                self._next_number += 1
                reads += [(self._next_number, now_us, data), (self._next_number, now_us, b"")]
                self._peers[self._next_number] = peer
        while len(self._peers) > _MOST_PEERS:
            del self._peers[next(iter(self._peers))]
        return reads


def _bound_udp(address: tuple[str, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    datagrams.setblocking(False)
    datagrams.bind(address)
    return datagrams
