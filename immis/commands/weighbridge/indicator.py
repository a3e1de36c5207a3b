"""A stand-in for a scale's indicator: its frames, and a pseudo-terminal that behaves as a serial line does."""

import os
import random
import select
import termios
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from immis.agent.scale.frames import format_named

MOST_BYTES_PER_FRAME = 64


def _xor(text: str) -> str:
    total = 0
    for sign in text:
        total ^= ord(sign)
    return f"{total:02X}"


def _avery(kg: float, still: bool) -> str:
    over = abs(kg) > 99_999
    weight = "-" * 7 if over else f"{abs(kg):07.1f}"
    return f"{'OL' if over else 'ST' if still else 'US'},GS,{'-' if kg < 0 else '+'}{weight}Kg\r\n"


def _a9(kg: float, still: bool) -> str:
    body = f"{'-' if kg < 0 else '+'}{abs(round(kg)):06d}0"
    return f"\x02{body}{_xor(body)}\x03"


def _a12(kg: float, still: bool) -> str:
    return f"ww{'-' if kg < 0 else ''}{abs(kg):0{6 if kg < 0 else 7}.{1 if abs(kg) >= 1000 else 2}f}kg"


def _pt200(kg: float, still: bool) -> str:
    return f"\x02{round(kg):7d}Gkg\x03"


def _rinstrum(kg: float, still: bool) -> str:
    return f"\x02{'-' if kg < 0 else '+'}{abs(round(kg)):7d}{'G' if still else 'M'}\x03"


def _toledo(kg: float, still: bool) -> str:
    second = 0x30 | (2 if kg < 0 else 0) | (0 if still else 8)
    return f"\x02*{chr(second)} {abs(round(kg)):6d}000000\r"


def _toledo_sum(kg: float, still: bool) -> str:
    frame = _toledo(kg, still)
    return frame + chr(-sum(map(ord, frame)) & 0x7F)


def _cardinal(kg: float, still: bool) -> str:
    return f"\r{'-' if kg < 0 else '+'}{abs(round(kg)):06d}{' ' if still else 'm'}kgg\x03"


ENCODERS: dict[str, Callable[[float, bool], str]] = {
    "avery": _avery,
    "yaohua-a9": _a9,
    "yaohua-a12": _a12,
    "pt200": _pt200,
    "rinstrum-a": _rinstrum,
    "toledo-sum": _toledo_sum,
    "toledo": _toledo,
    "cardinal-sb200": _cardinal,
}


def encode(preset: str, kg: float, still: bool = True) -> bytes:
    """One frame as the preset's indicator sends it."""
    return ENCODERS[format_named(preset)["name"]](kg, still).encode("latin-1")


@dataclass
class Line:
    """Faults of the line: part of frames that lose or change a byte; how the speed is garbled; silence."""

    noise: float = 0.0
    partial: bool = False
    silent: bool = False
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def spoil(self, frame: bytes) -> bytes:
        """The frame as it arrives."""
        if self.rng.random() >= self.noise:
            return frame
        at = self.rng.randrange(len(frame))
        if self.rng.random() < 0.5:
            return frame[:at] + frame[at + 1 :]
        return frame[:at] + bytes([self.rng.randrange(256)]) + frame[at + 1 :]

    def pieces(self, frame: bytes) -> Iterator[bytes]:
        """The frame in the pieces in which a driver hands it over."""
        while self.partial and len(frame) > 1:
            cut = self.rng.randrange(1, len(frame))
            yield frame[:cut]
            frame = frame[cut:]
        if frame:
            yield frame


class Terminal:
    """One pseudo-terminal whose other end programs open as a serial port.

    The speed that the other end has set is read from it: where it is not the indicator's own, what arrives is garbled,
    as on a wire.
    """

    def __init__(self, preset: str, *, speed: int = 9600, bits: str = "8N1", line: Line | None = None) -> None:
        self.preset, self.speed, self.bits, self.line = preset, speed, bits, line or Line()
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self._slave)
        self._rng = random.Random(7)

    def send(self, kg: float, still: bool = True) -> None:
        """One frame down the line; what nobody reads is lost, as on a wire."""
        if self.line.silent:
            return
        frame = self.line.spoil(encode(self.preset, kg, still))
        if self.bits == "7E1":  # on the wire: seven bits and, as the highest, their parity
            frame = bytes(byte | (byte.bit_count() % 2) << 7 for byte in frame)
        for piece in self.line.pieces(frame if self._understood() else self._garbled(frame)):
            if not select.select([], [self.master], [], 0)[1]:
                termios.tcflush(self.master, termios.TCOFLUSH)
                return
            try:
                os.write(self.master, piece)
            except OSError:
                return
            if self.line.partial:
                time.sleep(0.002)

    def close(self) -> None:
        """Pull the plug: the other end reads an error."""
        for end in (self.master, self._slave):
            os.close(end)

    def _understood(self) -> bool:
        return termios.tcgetattr(self._slave)[5] == getattr(termios, f"B{self.speed}")

    def _garbled(self, frame: bytes) -> bytes:
        return bytes(self._rng.randrange(0x80, 0x100) for _ in frame[: max(1, len(frame) // 2)])
