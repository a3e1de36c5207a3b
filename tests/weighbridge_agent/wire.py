"""A stand-in for Web Serial in Chromium: the calls of ``navigator.serial`` over a simulated indicator's line.

A headless browser shows nobody its dialog of ports, and on Linux Chromium offers only ports that udev knows, of which a
pseudo-terminal is none; no policy changes that. So ``navigator.serial`` is replaced by one of the same calls: opened
with what the page asks for, its bytes in the pieces in which the driver hands them over.
"""

import os
import select
import termios
import tty
from typing import Any

STAND_IN = """
const port = {
  async open(how) {
    await window.portOpen(how);
    const pull = async (stream) => stream.enqueue(Uint8Array.from(await window.portRead()));
    this.readable = new ReadableStream({ pull }, { highWaterMark: 0 });
  },
  async setSignals(signals) { window.lastSignals = signals; },
  async close() { await window.portClose(); },
};
Object.defineProperty(navigator, "serial", { value: {
  async getPorts() { return localStorage.granted ? [port] : []; },
  async requestPort() { localStorage.granted = "1"; return port; },
} });
"""


class Wire:
    """The far end of the pseudo-terminal, as the browser's driver holds it."""

    def __init__(self, path: str) -> None:
        self.path, self.end = path, -1
        self.opened: list[dict[str, Any]] = []

    def stand_in(self, page: Any) -> None:
        """Have the pages of a window find this port."""
        for name in ("open", "read", "close"):
            page.expose_function(f"port{name.capitalize()}", getattr(self, name))
        page.add_init_script(STAND_IN)

    def open(self, how: dict[str, Any]) -> None:
        self.opened.append(how)
        self.end = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.end)
        row = termios.tcgetattr(self.end)
        row[4] = row[5] = getattr(termios, f"B{how['baudRate']}")
        row[2] = row[2] & ~(termios.CSIZE | termios.PARENB)
        row[2] |= termios.CS7 | termios.PARENB if how["dataBits"] == 7 else termios.CS8
        termios.tcsetattr(self.end, termios.TCSAFLUSH, row)

    def read(self) -> list[int]:
        ready = select.select([self.end], [], [], 0.2)[0] if self.end >= 0 else []
        return list(os.read(self.end, 4096)) if ready else []

    def close(self) -> None:
        if self.end >= 0:
            os.close(self.end)
        self.end = -1
