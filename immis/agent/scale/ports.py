"""Serial ports: opened without waking the indicator's reset line, and the speed and format found by listening."""

import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

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
    """Open with DTR and RTS low and no flow control: raising them restarts some indicators."""
    link = serial.Serial()
    link.port, link.baudrate, link.timeout = port, setting.speed, timeout
    link.bytesize = serial.SEVENBITS if setting.bits.startswith("7") else serial.EIGHTBITS
    link.parity = serial.PARITY_EVEN if "E" in setting.bits else serial.PARITY_NONE
    link.stopbits = serial.STOPBITS_ONE
    link.dtr = link.rts = False
    link.xonxoff = link.rtscts = link.dsrdtr = False
    link.open()
    return link


def settings() -> Iterator[Setting]:
    """Speeds and formats in the order in which they are tried."""
    for bits in declared()["settings"]:
        for speed in declared()["speeds"]:
            yield Setting(speed, bits)


def listen(port: str, setting: Setting, seconds: float = LISTEN_SECONDS) -> bytes:
    """What comes at this setting; stops once there is enough for a judgement."""
    until, data = time.monotonic() + seconds, b""
    with open_port(port, setting) as link:
        while time.monotonic() < until and len(data) < _ENOUGH:
            data += link.read(max(1, link.in_waiting))
    return data


def find(
    port: str, learned: Optional[Dict[str, Any]] = None, seconds: float = LISTEN_SECONDS
) -> Tuple[Optional[Link], Dict[Setting, bytes]]:
    """The setting and format by which the port makes sense; what was heard at each where it makes none."""
    heard = {}
    for setting in settings():
        data = listen(port, setting, seconds)
        heard[setting] = data
        form = best_format(data, [learned] if learned else None)
        if form is not None:
            return Link(port, setting, form), heard
    return None, heard
