"""What a balancer says of the link that it passes on: the header of the PROXY protocol, as text or in binary.

Version 1 is a line, version 2 a block of bytes with extensions: where the balancer itself ends TLS, it names the
subject of the device's certificate. Pure: bytes in, what they say out. Who may speak so is the door's matter.
"""

import ipaddress
import re
import struct
from dataclasses import dataclass

_TEXT = b"PROXY "
_LINE = re.compile(rb"PROXY TCP[46] ([0-9A-Fa-f.:]{2,45}) ([0-9A-Fa-f.:]{2,45}) (\d{1,5}) (\d{1,5})\r\n")
_ANY_LINE = re.compile(rb"PROXY [^\r\n]{1,100}\r\n")
_LONGEST_LINE = 107
BINARY = b"\r\n\r\n\x00\r\nQUIT\n"
_FIXED = 16  # signature, version and command, family, length
_LONGEST_BLOCK = 4096  # more than any balancer sends
_ADDRESSES = {0x11: 12, 0x21: 36}  # TCP over IPv4 and IPv6: two addresses and two ports
_SSL, _COMMON_NAME = 0x20, 0x22
_SHOWN_A_CERTIFICATE = 0x02 | 0x04  # on this connection, or in this session
IMEI = re.compile(r"\d{15}")


@dataclass(frozen=True)
class Header:
    """The beginning of a balancer's link: how many bytes of it are the header, for whom it speaks.

    ``peer`` and ``here`` are address and port; None where the balancer speaks for itself. ``certified`` is the IMEI
    that the device's certificate names.
    """

    length: int
    peer: tuple[str, int] | None = None
    here: tuple[str, int] = ("", 0)
    certified: str = ""


def read_header(begun: bytes) -> Header | None:
    """The header that a stream begins with, of length 0 where it begins with none; None while more must come.

    A header that is malformed, or of a kind that names nobody, is one of a balancer that speaks for itself.
    """
    if begun[: len(BINARY)] == BINARY[: len(begun)]:
        return _read_block(begun)
    if begun[: len(_TEXT)] == _TEXT[: len(begun)]:
        return _read_line(begun)
    return Header(0)


def _read_line(begun: bytes) -> Header | None:
    if b"\n" not in begun and len(begun) < _LONGEST_LINE:
        return None
    line = _ANY_LINE.match(begun)
    if line is None:
        return Header(0)
    if not (named := _LINE.fullmatch(line.group())):
        return Header(line.end())
    peer, here, peer_port, here_port = (part.decode() for part in named.groups())
    return _named(line.end(), (peer, int(peer_port)), (here, int(here_port)))


def _read_block(begun: bytes) -> Header | None:
    if len(begun) < _FIXED:
        return None
    kind, family, size = struct.unpack_from("!BBH", begun, len(BINARY))
    if kind >> 4 != 2 or size > _LONGEST_BLOCK:
        return Header(0)
    if len(begun) < (length := _FIXED + size):
        return None
    block, needs = begun[_FIXED:length], _ADDRESSES.get(family, 0)
    if kind & 0x0F != 1 or not needs or size < needs:  # the balancer's own probe, or of no address that can be told
        return Header(length)
    width = (needs - 4) // 2
    peer, here = (str(ipaddress.ip_address(block[at : at + width])) for at in (0, width))
    peer_port, here_port = struct.unpack_from("!HH", block, 2 * width)
    return _named(length, (peer, peer_port), (here, here_port), _certified(block[needs:]))


def _named(length: int, peer: tuple[str, int], here: tuple[str, int], certified: str = "") -> Header:
    try:
        for address, port in (peer, here):
            ipaddress.ip_address(address)
            if port > 65535:
                raise ValueError(port)
    except ValueError:
        return Header(length)
    return Header(length, peer, here, certified)


def _certified(extensions: bytes) -> str:
    """The IMEI in the certificate that the balancer checked; empty where it checked none."""
    for kind, value in _values(extensions):
        if kind != _SSL or len(value) < 5:
            continue
        client, verify = struct.unpack_from("!BI", value)
        if client & _SHOWN_A_CERTIFICATE and verify == 0:
            names = [name.decode("ascii", "replace") for kind, name in _values(value[5:]) if kind == _COMMON_NAME]
            return next((name for name in names if IMEI.fullmatch(name)), "")
    return ""


def _values(extensions: bytes) -> list[tuple[int, bytes]]:
    """Kind and value of each extension; none where the lengths do not come out."""
    values, at = [], 0
    while at + 3 <= len(extensions):
        kind, size = struct.unpack_from("!BH", extensions, at)
        if at + 3 + size > len(extensions):
            return []
        values.append((kind, extensions[at + 3 : at + 3 + size]))
        at += 3 + size
    return values if at == len(extensions) else []
