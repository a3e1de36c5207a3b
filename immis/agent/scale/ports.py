"""Serial ports: opened without waking the indicator's reset line, and the speed and format found by listening."""

import time
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import serial
from serial.tools import list_ports

from .frames import best_format, declared

LISTEN_SECONDS = 1.6
_ENOUGH = 240


class Setting(NamedTuple):
    """How a port is opened: bits a second, and 8N1 or 7E1."""

    speed: int
    bits: str


class Link(NamedTuple):
    """What was found at a port."""

    port: str
    setting: Setting
    form: Dict[str, Any]


def ports() -> List[Tuple[str, str]]:
    """Ports of this computer with their words, those on USB first; numbers move, so names are shown with the maker."""
    rows = sorted(list_ports.comports(), key=lambda row: (row.vid is None, row.device))
    return [(row.device, row.description or "") for row in rows]


def open_port(port: str, setting: Setting, timeout: float = 0.2) -> serial.Serial:
    """Open with DTR and RTS low and no flow control: raising them restarts some indicators. Read through ``plain``."""
    link = serial.Serial()
    link.port, link.baudrate, link.timeout = port, setting.speed, timeout
    link.bytesize, link.parity, link.stopbits = serial.EIGHTBITS, serial.PARITY_NONE, serial.STOPBITS_ONE
    link.dtr = link.rts = False
    link.xonxoff = link.rtscts = link.dsrdtr = False
    try:
        link.open()
    except (OSError, ValueError):
        raise
    except Exception as fault:  # drivers have errors of their own, termios too
        raise OSError(str(fault)) from fault
    return link


def plain(data: bytes, bits: str) -> bytes:
    """What was sent: on the wire 7E1 is 8N1 whose highest bit is the parity, so that no driver has to know it."""
    return bytes(byte & 0x7F for byte in data) if bits.startswith("7") else data


def listen(port: str, speed: int, seconds: float = LISTEN_SECONDS) -> bytes:
    """What comes at this speed; stops once there is enough for a judgement."""
    until, data = time.monotonic() + seconds, b""
    with open_port(port, Setting(speed, "8N1")) as link:
        while time.monotonic() < until and len(data) < _ENOUGH:
            data += link.read(max(1, link.in_waiting))
    return data


def find(
    port: str, learned: Optional[Dict[str, Any]] = None, seconds: float = LISTEN_SECONDS
) -> Tuple[Optional[Link], Dict[Setting, bytes]]:
    """The setting and format by which the port makes sense; what was heard at each where it makes none."""
    heard = {}
    for speed in declared()["speeds"]:
        data = listen(port, speed, seconds)
        for bits in declared()["settings"]:
            setting = Setting(speed, bits)
            heard[setting] = plain(data, bits)
            form = best_format(heard[setting], [learned] if learned else None)
            if form is not None:
                return Link(port, setting, form), heard
    return None, heard
