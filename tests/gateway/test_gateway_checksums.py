"""Check values of the specification's section 11, and learn-and-lock."""

# ruff: noqa: E501 (frames are one line)

import pytest

from immis.gateway.protocols import checksums as c
from tests.gateway.test_gateway_frames import RAWS


@pytest.mark.parametrize(
    ("compute", "value"),
    [
        (c.crc32, 0xCBF43926), (c.crc32_mpeg2, 0x0376E6E7), (c.crc16_kermit, 0x2189), (c.crc16_modbus, 0x4B37),
        (c.sum16, 0x01DD), (c.sum8, 221), (c.xor8, 0x31),
    ],
)  # fmt: skip
def test_check_values(compute, value):
    assert compute(b"123456789") == value


@pytest.mark.parametrize(
    ("start", "rule"),
    [(b"$RLP,N.A,2.1.3", "xor8_comma"), (b"$NRM,WTEX", "crc32_comma"), (b"$KA1234", "xor8_between"), (b"$,PVT,HPSP", "xor8_after_dollar"),
     (b"$Header,iTriangle1", "xor8_before_star"), (b"$Header,iTriangle,1_36T02B0164MAIS_6,NR,16", "xor8_through_star")],
)  # fmt: skip
def test_public_samples_agree_with_their_rule(start, rule):
    assert rule in c.matching_rules(next(raw for raw in RAWS if raw.startswith(start)))


def _frame(i: int, checksum: str | None = None) -> bytes:
    body = f"$NRM,ROADRPA,1.9AIS,NR,01,L,{i:015d},".encode()
    return body + (checksum or f"{c.crc32(body):08X}").encode() + b"*"


def test_a_family_is_learned_then_held_to_its_rule():
    book = c.ChecksumBook()
    assert [book.judge("x", _frame(i)) for i in range(6)] == ["learning"] * 5 + ["ok"]
    assert book.judge("x", _frame(7, "00000000")) == "mismatch"
    again = c.ChecksumBook(book.state())
    assert again.judge("x", _frame(8)) == "ok"


def test_constants_and_missing_checksums_are_never_a_mismatch():
    book = c.ChecksumBook()
    verdicts = {book.judge("y", _frame(i, "DDE3220E")) for i in range(200)}
    assert verdicts == {"learning", "none"}
