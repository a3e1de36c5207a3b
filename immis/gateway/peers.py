"""Where connections come from: the address behind each, as the first line of its stream, and whether it is known.

The gateway writes the line of the PROXY protocol (version 1, the text form that balancers speak) before what a device
sends, so that the log itself is the evidence; a balancer in front may send the same line with the device's own
address. An address outside the ranges of M2M SIMs (DEV-20) is told with what was seen, and nothing is refused by it.
"""

import ipaddress
import re
from collections.abc import Sequence

_LINE = re.compile(r"PROXY TCP[46] ([0-9A-Fa-f.:]{2,45}) [0-9A-Fa-f.:]{2,45} \d{1,5} \d{1,5}")
_MOST = 200_000  # connections whose address is remembered
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def opening_line(peer: tuple[str, int], here: tuple[str, int]) -> bytes:
    """The line that a connection from ``peer`` begins with in the log."""
    family = 6 if ":" in peer[0] else 4
    return f"PROXY TCP{family} {peer[0]} {here[0]} {peer[1]} {here[1]}\r\n".encode()


def address_in(text: str) -> str:
    """The sender's address in an opening line; empty where it is none."""
    found = _LINE.fullmatch(text.strip())
    try:
        return str(ipaddress.ip_address(found.group(1))) if found else ""
    except ValueError:
        return ""


def networks_of(said: Sequence[str]) -> tuple[Network, ...]:
    """Ranges as they are written; ValueError for one that is none."""
    return tuple(ipaddress.ip_network(one, strict=False) for one in said)


class Peers:
    """The address of each connection of late."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    def note(self, connection: int, address: str) -> None:
        """A line has named the address; a later line of the same link, from a balancer, counts."""
        self._known[connection] = address
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def seen(self, connection: int, networks: Sequence[Network]) -> tuple[str, str] | None:
        """Address and the range it lies in (empty: in none); None where either is not known."""
        address = self._known.get(connection)
        if not address or not networks:
            return None
        found = ipaddress.ip_address(address)
        return address, next((str(one) for one in networks if found in one), "")
