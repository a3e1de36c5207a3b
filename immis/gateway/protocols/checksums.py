"""Checksums as units really send them: learned per device family, never a reason to refuse (section 11)."""

import binascii
import re
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy

_BEFORE_STAR = re.compile(rb",([0-9A-Za-z]{1,8}),?\*?\s*$")
_AFTER_STAR = re.compile(rb"\*,?([0-9A-Fa-f]{2,8})\s*$")
_TAIL = 24  # bytes at the end of a frame that can hold its checksum
LOCK_AFTER = 5
LOCK_AFTER_8_BIT = 20  # an 8-bit value agrees with a wrong rule once in 256 packets
GIVE_UP_AFTER = 60
_MOST_FAMILIES = 10_000  # hostile vendor tags must not fill the memory


def crc32(data: bytes) -> int:
    return zlib.crc32(data)


MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _mirror(value: int, size: int) -> int:
    return int.from_bytes(value.to_bytes(size, "little").translate(MIRRORED), "big")


def _modbus_table() -> list[int]:
    rows = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
        rows.append(value)
    return rows


_MODBUS = _modbus_table()


def crc32_mpeg2(data: bytes) -> int:
    """The unreflected twin of CRC-32: the same sum over mirrored bytes, mirrored back."""
    return _mirror(zlib.crc32(data.translate(MIRRORED)) ^ 0xFFFFFFFF, 4)


def crc16_kermit(data: bytes) -> int:
    """The reflected twin of the CCITT sum."""
    return _mirror(binascii.crc_hqx(data.translate(MIRRORED), 0), 2)


def crc16_modbus(data: bytes) -> int:
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _MODBUS[(value ^ byte) & 0xFF]
    return value


def sum16(data: bytes) -> int:
    return sum(data) & 0xFFFF


def sum8(data: bytes) -> int:
    return sum(data) & 0xFF


def xor8(data: bytes) -> int:
    return int(numpy.bitwise_xor.reduce(numpy.frombuffer(data, dtype=numpy.uint8))) if data else 0


@dataclass(frozen=True)
class Rule:
    """One way a vendor computes its checksum: algorithm, which bytes it covers, digits sent."""

    name: str
    compute: Callable[[bytes], int]
    covers: str  # name of a slice in _covered
    digits: int  # 0: decimal text
    trailing: bool  # sent behind the star

    def agrees(self, sent: bytes, frame: bytes, at: int) -> bool:
        value = self.compute(_covered(frame, at, self.covers))
        text = str(value) if self.digits == 0 else f"{value:0{self.digits}x}"
        return text == sent.decode("latin-1").lower()


def _covered(frame: bytes, at: int, covers: str) -> bytes:
    """The bytes a rule covers; ``at`` is where the checksum text starts."""
    star = frame.rfind(b"*", 0, at) if b"*" in frame[:at] else at
    return {
        "through_comma": frame[:at],
        "before_comma": frame[: at - 1],
        "after_dollar_through_comma": frame[1:at],
        "after_dollar_before_comma": frame[1 : at - 1],
        "before_star": frame[:star],
        "through_star": frame[: star + 1],
        "between": frame[1:star],
    }[covers]


RULES = (
    Rule("crc32_comma", crc32, "through_comma", 8, False),
    Rule("crc32_mpeg2_comma", crc32_mpeg2, "through_comma", 8, False),
    Rule("crc32_star", crc32, "before_star", 8, True),
    Rule("sum16_comma", sum16, "through_comma", 4, False),
    Rule("crc16_kermit", crc16_kermit, "before_comma", 4, False),
    Rule("crc16_modbus", crc16_modbus, "before_comma", 4, False),
    Rule("xor8_comma", xor8, "through_comma", 2, False),
    Rule("xor8_after_dollar", xor8, "after_dollar_through_comma", 2, False),
    Rule("xor8_after_dollar_short", xor8, "after_dollar_before_comma", 2, False),
    Rule("xor8_through_star", xor8, "through_star", 2, True),
    Rule("xor8_before_star", xor8, "before_star", 2, True),
    Rule("xor8_between", xor8, "between", 2, True),
    Rule("sum8_decimal", sum8, "through_comma", 0, False),
)
_BY_NAME = {rule.name: rule for rule in RULES}


def sent_checksum(frame: bytes) -> tuple[bytes, int, bool] | None:
    """The checksum text of a frame, where it starts, and whether it stands behind the star."""
    result = _AFTER_STAR.search(frame, max(0, len(frame) - _TAIL))
    if result:
        return result.group(1), result.start(1), True
    result = _BEFORE_STAR.search(frame, max(0, len(frame) - _TAIL))
    return (result.group(1), result.start(1), False) if result else None


def matching_rules(frame: bytes) -> list[str]:
    """Names of all rules under which the frame's own checksum is right."""
    sent = sent_checksum(frame)
    if sent is None:
        return []
    text, at, trailing = sent
    return [
        rule.name
        for rule in RULES
        if rule.trailing == trailing
        and (len(text) == rule.digits or (rule.digits == 0 and text.isdigit() and len(text) <= 3))
        and rule.agrees(text, frame, at)
    ]


@dataclass
class _Learning:
    seen: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    locked: str | None = None
    mismatches: int = 0


class ChecksumBook:
    """Which rule each device family follows, learned from its own packets and then held to it."""

    def __init__(self, kept: dict[str, Any] | None = None) -> None:
        self._families: dict[str, _Learning] = {}
        for family, row in (kept or {}).items():
            self._families[family] = _Learning(row["seen"], Counter(row["hits"]), row["locked"], row["mismatches"])

    def state(self) -> dict[str, Any]:
        """What was learned, as plain data to be kept over a restart."""
        return {
            family: {"seen": x.seen, "hits": dict(x.hits), "locked": x.locked, "mismatches": x.mismatches}
            for family, x in self._families.items()
        }

    def judge(self, family: str, frame: bytes) -> str:
        """``ok``, ``mismatch``, ``learning`` or ``none``; a mismatch lowers trust and refuses nothing."""
        entry = self._families.get(family)
        if entry is None:
            if len(self._families) >= _MOST_FAMILIES:
                return "none"
            entry = self._families[family] = _Learning()
        if entry.locked:
            return self._held(entry, entry.locked, frame)
        if entry.seen >= GIVE_UP_AFTER:
            return "none"
        return self._learn(entry, frame)

    def standing(self, family: str) -> str:
        """The rule that a family is held to; ``none`` where it has none, ``learning`` while it may get one."""
        entry = self._families.get(family)
        if entry is None:
            return "none" if len(self._families) >= _MOST_FAMILIES else "learning"
        return entry.locked or ("none" if entry.seen >= GIVE_UP_AFTER else "learning")

    def _held(self, entry: _Learning, locked: str, frame: bytes) -> str:
        sent, rule = sent_checksum(frame), _BY_NAME[locked]
        if sent and rule.trailing == sent[2] and rule.agrees(sent[0], frame, sent[1]):
            return "ok"
        entry.mismatches += 1
        return "mismatch"

    def _learn(self, entry: _Learning, frame: bytes) -> str:
        entry.seen += 1
        for name in matching_rules(frame):
            entry.hits[name] += 1
            eight_bit = _BY_NAME[name].digits in (0, 2)
            if entry.hits[name] >= (LOCK_AFTER_8_BIT if eight_bit else LOCK_AFTER):
                entry.locked = name
        return "learning"
