"""Where connections come from: the address behind each, as the first line of its stream, and whether it is known.

The gateway writes the line of the PROXY protocol (version 1, the text form that balancers speak) before what a device
sends, as the beginning of a read, so that the log itself is the evidence; where a balancer of the operator's list
stands in front, it says what the balancer says. Behind the ports stands the IMEI of the certificate by which the device
proved itself, where it has. Such a line within what a device sends is noise (``door``). An address outside the ranges
of M2M SIMs (DEV-20) is told with what was seen, and nothing is refused by it.
"""

import ipaddress
import re
from collections.abc import Sequence

from immis.gateway.networks import Network

_LINE = re.compile(rb"PROXY (?:TCP|UDP)[46] ([0-9A-Fa-f.:]{2,45}) [0-9A-Fa-f.:]{2,45} \d{1,5} \d{1,5}( \d{15})?\r\n")
_MOST = 200_000  # connections whose address is remembered


def opening_line(peer: tuple[str, int], here: tuple[str, int], *, protocol: str = "TCP", certified: str = "") -> bytes:
    """The line that a connection from ``peer`` begins with in the log; ``certified`` is the IMEI of its certificate."""
    family = 6 if ":" in peer[0] else 4
    proof = f" {certified}" if certified else ""
    return f"PROXY {protocol}{family} {peer[0]} {here[0]} {peer[1]} {here[1]}{proof}\r\n".encode()


def certified_line(line: bytes, imei: str) -> bytes:
    """An opening line with the IMEI of the certificate that the link has shown since."""
    return line if _LINE.fullmatch(line).group(2) else line[:-2] + f" {imei}\r\n".encode()  # type: ignore[union-attr]


def sender_in(line: bytes) -> str:
    """The sender in an opening line: its address, and behind a blank the IMEI that it proved; empty in another line."""
    result = _LINE.fullmatch(line)
    try:
        return f"{ipaddress.ip_address(result.group(1).decode())}{(result.group(2) or b'').decode()}" if result else ""
    except ValueError:
        return ""


class Peers:
    """The address of each connection that is open, or was of late."""

    def __init__(self, known: dict[int, str] | None = None) -> None:
        """``known`` are those of the last commit."""
        self._known = known or {}
        self._noted: dict[int, str] = {}
        self._ended: set[int] = set()

    def note(self, connection: int, sender: str) -> None:
        """The opening of a connection has named its sender (``sender_in``)."""
        self._known[connection] = self._noted[connection] = sender
        if len(self._known) > _MOST:
            self.forget(next(iter(self._known)))

    def forget(self, connection: int) -> None:
        """A connection has ended."""
        if self._known.pop(connection, None) is not None and self._noted.pop(connection, None) is None:
            self._ended.add(connection)

    def forget_below(self, connection: int | None) -> None:
        """All connections numbered under one are gone; without one all are."""
        for known in [c for c in self._known if connection is None or c < connection]:
            self.forget(known)

    def changes(self) -> tuple[list[tuple[int, str]], list[tuple[int]]]:
        """What is new since the last call, and which are gone."""
        changed = list(self._noted.items()), [(connection,) for connection in self._ended]
        self._noted, self._ended = {}, set()
        return changed

    def address_of(self, connection: int) -> str:
        """Where a connection comes from; empty where that is not known."""
        return self._known.get(connection, "").partition(" ")[0]

    def certified(self, connection: int) -> str:
        """The IMEI of the certificate that a connection has shown; empty where it has shown none."""
        return self._known.get(connection, "").partition(" ")[2]

    def seen(self, connection: int, networks: Sequence[Network]) -> tuple[str, str] | None:
        """Address and the range it lies in (empty: in none); None where either is not known."""
        address = self.address_of(connection)
        if not address or not networks:
            return None
        result = ipaddress.ip_address(address)
        return address, next((str(network) for network in networks if result in network), "")
