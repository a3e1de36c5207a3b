"""Who may keep a link: silent ones are closed, noisy ones dropped, an address has so many; a balancer is believed.

Looks at what a read brings and at nothing deeper. A link has shown itself when fifteen digits stood in what it sent, as
every device's frames have them; what it brought is held back until then, so that noise is never stored. Only a
balancer of the operator's list may say for whom it speaks (``proxies``); anybody else's header is noise.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from immis.gateway.ingest.peers import certified_line, opening_line
from immis.gateway.ingest.proxies import BINARY, read_header
from immis.gateway.log.port import Read
from immis.gateway.networks import Network, is_within
from immis.gateway.protocols.http import HTTP
from immis.gateway.tolerances import (
    FIRST_FRAME_S,
    LINKS_AN_ADDRESS,
    NOISE_FIRST_BYTES,
    NOISE_LOOK_BYTES,
    NOISE_MOST_BYTES,
    SILENT_AN_ADDRESS,
    SILENT_YOUNG_S,
)

_NUMBER = re.compile(rb"\d{15}")
_PROXY = b"PROXY "


@dataclass(slots=True)
class _Silent:
    """A link that has not shown itself: since when (monotonic seconds), and what it has brought."""

    address: str
    since_s: float
    held: list[Read] = field(default_factory=list)
    tail: bytes = b""
    size: int = 0
    line: bytes | None = None  # of a balancer's header what has come; None where none is awaited
    asks: bool = False  # it speaks HTTP, and waits for an answer


class Door:
    """What is remembered of links and their addresses."""

    def __init__(self, *, proxies: Sequence[Network] = (), links_an_address: int = LINKS_AN_ADDRESS) -> None:
        self.counters: Counter[str] = Counter()
        self._proxies, self._most = tuple(proxies), links_an_address
        self._silent: OrderedDict[int, _Silent] = OrderedDict()
        self._address: dict[int, str] = {}
        self._links: Counter[str] = Counter()
        self._silent_of: Counter[str] = Counter()
        #: Of links that have shown themselves: bytes since fifteen digits were last seen in what they brought.
        self.unproved: dict[int, int] = {}

    @property
    def has_silent(self) -> bool:
        return bool(self._silent)

    def admits(self, address: str) -> bool:
        """Whether an address may have a further link; a balancer's may have any number."""
        if self._links[address] < self._most or self.is_balancer(address):
            return True
        self.counters["links_refused"] += 1
        return False

    def enter(self, number: int, peer: tuple[str, int], here: tuple[str, int], *, now_us: int, now_s: float) -> None:
        """Take a link in; its stream begins with its address, a balancer's with what the balancer says."""
        silent = _Silent(peer[0], now_s)
        if self.is_balancer(peer[0]):
            silent.line = b""
        else:
            silent.held.append((number, now_us, opening_line(peer, here)))
        self._silent[number], self._address[number] = silent, peer[0]
        self._links[peer[0]] += 1
        self._silent_of[peer[0]] += 1

    def is_balancer(self, address: str) -> bool:
        """Whether an address is one of the operator's list."""
        return is_within(address, self._proxies)

    def hear_no_header(self, number: int, at_us: int) -> None:
        """A balancer's link has begun without a header: it speaks for itself."""
        silent = self._silent.get(number)
        if silent is not None and silent.line is not None:
            itself = (silent.address, 0)
            silent.line = None
            silent.held.append((number, at_us, opening_line(itself, itself)))

    def certify(self, number: int, imei: str) -> None:
        """A link that has not shown itself has shown the certificate of a device: its opening names the IMEI."""
        silent = self._silent.get(number)
        if silent is not None and silent.held:
            opened, at_us, line = silent.held[0]
            silent.held[0] = (opened, at_us, certified_line(line, imei))

    def leave(self, number: int) -> bool:
        """Forget a link; whether anything of it was logged, so that its end is to be logged as well."""
        self.unproved.pop(number, None)
        _less(self._links, self._address.pop(number))
        silent = self._forget_silence(number)
        if silent is None or silent.asks:
            return True
        self.counters["noise_bytes_dropped"] += silent.size
        return False

    def hear(self, read: Read) -> list[Read] | None:
        """What of the reads of a link is to be logged now; None where it brings nothing but noise and is to go."""
        number, at_us, data = read
        silent = self._silent.get(number)
        if silent is not None and silent.line is not None:
            return self._hear_balancer(silent, silent.line + data, number, at_us)
        if data.startswith(BINARY):
            self.counters["proxy_lines_refused"] += 1
        if data.startswith(_PROXY):
            self.counters["proxy_lines_refused"] += 1
            read = (number, at_us, b"\n" + data)  # none begins so but those that are made here
        if silent is not None:
            return self._hear_silent(silent, read)
        spent = self.unproved.get(number, 0) + len(data)
        if spent >= NOISE_LOOK_BYTES:
            if _NUMBER.search(data):
                spent = 0
            elif spent >= NOISE_MOST_BYTES:
                self._count_noise(len(data))
                return None
        self.unproved[number] = spent
        return [read]

    def hear_datagram(self, data: bytes) -> bytes:
        """What of a datagram is to be logged; it is whole, so that without fifteen digits it is noise, and nothing."""
        if _NUMBER.search(data):
            return b"\n" + data if data.startswith(_PROXY) else data
        self.counters["noise_datagrams"] += 1
        self.counters["noise_bytes_dropped"] += len(data)
        return b""

    def overdue(self, now_s: float) -> list[int]:
        """Links that have been silent for too long, or are too many of one address; the oldest first."""
        gone: list[int] = []
        fewer: Counter[str] = Counter()
        for number, silent in self._silent.items():
            age_s = now_s - silent.since_s
            if age_s < SILENT_YOUNG_S:
                break
            address = silent.address
            if age_s >= FIRST_FRAME_S or self._silent_of[address] - fewer[address] > SILENT_AN_ADDRESS:
                gone.append(number)
                fewer[address] += 1
        self.counters["silent_links_closed"] += len(gone)
        return gone

    def oldest_silent(self) -> int | None:
        """The link that goes first where there is no room for another."""
        number = next(iter(self._silent), None)
        if number is not None:
            self.counters["silent_links_closed"] += 1
        return number

    # -- links that have not shown themselves ---------------------------------------------------

    def _hear_balancer(self, silent: _Silent, begun: bytes, number: int, at_us: int) -> list[Read] | None:
        """The first bytes of a balancer's link: its header, whole or in pieces, or none."""
        header = read_header(begun)
        if header is None:
            silent.line = begun
            return []
        itself = (silent.address, 0)
        opening = opening_line(
            header.peer or itself, header.here if header.peer else itself, certified=header.certified
        )
        silent.line = None
        silent.held.append((number, at_us, opening))
        return self.hear((number, at_us, begun[header.length :])) if len(begun) > header.length else []

    def _hear_silent(self, silent: _Silent, read: Read) -> list[Read] | None:
        number, _, data = read
        silent.asks = silent.asks or (not silent.size and data.startswith(HTTP))
        silent.held.append(read)
        silent.size += len(data)
        seen = silent.tail + data
        silent.tail = seen[-14:]
        if _NUMBER.search(seen):
            self.unproved[number] = 0
            self._forget_silence(number)
        elif silent.size > NOISE_FIRST_BYTES:
            self._count_noise(len(data) if silent.asks else 0)
            return None
        elif not silent.asks:
            return []
        held, silent.held = silent.held, []
        return held

    def _forget_silence(self, number: int) -> _Silent | None:
        silent = self._silent.pop(number, None)
        if silent is not None:
            _less(self._silent_of, silent.address)
        return silent

    def _count_noise(self, size: int) -> None:
        self.counters["noise_links_dropped"] += 1
        self.counters["noise_bytes_dropped"] += size


def _less(count: Counter[str], name: str) -> None:
    count[name] -= 1
    if count[name] <= 0:
        del count[name]
