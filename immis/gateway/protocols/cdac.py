"""The C-DAC profile: fixed-width records in a form field, and the text form of its batch (section 10).

All its times are Indian Standard Time.
"""

import re
from urllib.parse import unquote_plus

from immis.gateway.protocols import fields as f
from immis.gateway.protocols.http import Request
from immis.gateway.protocols.packet import Packet

FIXED = re.compile(r"(NRM|ALT|CRT|EPB|ACK|FUL|BTH|LGN)\d{15}.*|HLM.{12}\d{15}.*", re.DOTALL)
_FORM = re.compile(r"(?:.*?[?&\s])?vltdata=(.*)", re.DOTALL)
_KINDS = {"NRM": "position", "ALT": "position", "CRT": "position", "FUL": "position", "EPB": "emergency", "ACK": "ack"}
OLD_BODY, NEW_BODY = 78, 91


def form_value(text: str) -> str | None:
    """The ``vltdata`` record of a form field; None for other text."""
    result = _FORM.fullmatch(text)
    if result is None:
        return None
    value = result.group(1).partition("&")[0]
    return unquote_plus(value, encoding="latin-1").strip("\r\n")


def form_in(request: Request) -> str | None:
    """The ``vltdata`` record of a request, in its body or its address; None for another."""
    body = form_value(request.body.decode("latin-1"))
    return form_value(request.target) if body is None else body


def decode_fixed(text: str) -> list[Packet]:
    """The records of one fixed-width message; an unreadable one gives a single unknown packet."""
    word = text[:3]
    if word == "LGN":
        return [_login(text)]
    if word == "HLM":
        return [_health(text)]
    if word == "BTH":
        return _batch(text)
    packet = _record(text[18:], kind=_KINDS[word], word=word, imei=text[3:18])
    if word == "FUL":
        _read_full(packet, text)
    elif len(text) - 18 not in (OLD_BODY, NEW_BODY):
        packet.problems.append("length")
    return [packet]


def _batch(text: str) -> list[Packet]:
    imei, count = text[3:18], f.whole(text[18:21])
    bodies = text[21:].rstrip("* ")
    if not count or len(bodies) < count * OLD_BODY:
        return [Packet(kind="batch", dialect="cdac-batch", word="BTH", imei=imei, problems=["length"])]
    width = NEW_BODY if len(bodies) >= count * NEW_BODY else OLD_BODY
    packets = [_record(bodies[i * width : (i + 1) * width], kind="batch", word="BTH", imei=imei) for i in range(count)]
    for packet in packets:
        packet.records = count
        if len(bodies) != count * width:
            packet.problems.append("length")
    return packets


def _record(body: str, *, kind: str, word: str, imei: str) -> Packet:
    """One record from its alert ID onward: 78 characters, or 91 with altitude and operator."""
    packet = Packet(kind=kind, dialect="cdac-fixed", word=word, imei=imei)
    packet.alert, packet.status = f.whole(body[0:2]), body[2:3].strip()
    packet.fix = body[3:4] in ("1", "2")
    _read_time(packet, body[4:16])
    if packet.fix:
        packet.lat, packet.lon = f.place((body[16:26], body[26:27], body[27:37], body[37:38]), packet.problems)
        packet.speed_kmh, packet.heading = f.number(body[57:63].strip()), f.number(body[63:69].strip())
    packet.cell = "-".join((body[38:41], body[41:44].lstrip("x"), body[44:48], body[48:57]))
    packet.satellites, packet.hdop = f.whole(body[69:71]), f.number(body[71:73])
    packet.ignition, packet.main_power = f.flag(body[75:76]), f.flag(body[76:77])
    return packet


def _read_time(packet: Packet, digits: str) -> None:
    packet.at = f.merged_instant(digits, zone=f.IST)
    if packet.at is None:
        packet.problems.append("clock_bad")


def _read_full(packet: Packet, text: str) -> None:
    """What a full data packet adds: vendor, registration, voltages, cover flag, frame number."""
    packet.dialect = "cdac-full"
    packet.vendor, packet.firmware = text[96:102].strip(), text[102:108].strip()
    packet.vehicle = f.vehicle(text[108:124], imei=packet.imei)
    packet.altitude_m = f.number(text[124:131])
    packet.main_voltage, packet.battery_voltage = f.number(text[199:204]), f.number(text[204:209])
    packet.cover = text[209:210].strip()
    packet.frame_no = f.whole(text[214:220])
    if len(text) != 228:
        packet.problems.append("length")


def _login(text: str) -> Packet:
    packet = Packet(kind="login", dialect="L13-cdac-login", word="LGN", imei=text[3:18])
    packet.lat, packet.lon = f.place((text[34:44], text[44:45], text[45:55], text[55:56]), packet.problems)
    _read_time(packet, text[56:68])
    if packet.lat is not None:
        packet.speed_kmh = f.number(text[68:74].strip())
    if len(text) != 74:
        packet.problems.append("length")
    return packet


def _health(text: str) -> Packet:
    packet = Packet(kind="health", dialect="cdac-health", word="HLM", imei=text[15:30])
    packet.vendor, packet.firmware = text[3:9].strip(), text[9:15].strip()
    _read_time(packet, text[50:62])
    if len(text) != 62:
        packet.problems.append("length")
    return packet


def decode_text_batch(body: str) -> list[Packet]:
    """The comma form of the batch: IMEI, count, then records that each begin with ``$,``."""
    head, *records = body.split(",$,")
    fields = f.split_fields(head)
    imei = f.find_imei(fields)
    if imei is None:
        return [Packet(dialect="cdac-text-batch", word="BTH")]
    count = f.whole(fields[imei + 1]) if imei + 1 < len(fields) else None
    packets = [_text_record(f.split_fields(record), fields[imei]) for record in records]
    if not packets:
        packets = [Packet(kind="batch", dialect="cdac-text-batch", word="BTH", imei=fields[imei])]
    for packet in packets:
        packet.records = len(records)
        if count != len(records):
            packet.problems.append("record_count")
    return packets


def _text_record(fields: list[str], imei: str) -> Packet:
    packet = Packet(kind="batch", dialect="cdac-text-batch", word="BTH", imei=imei)
    row = fields + [""] * (21 - len(fields))
    packet.alert, packet.status, packet.fix = f.whole(row[0]), row[1], row[2] in ("1", "2", "A")
    packet.at = f.instant(row[3], row[4], zone=f.IST)
    if packet.at is None:
        packet.problems.append("clock_bad")
    if packet.fix:
        packet.lat, packet.lon = f.place(row[5:9], packet.problems)
        packet.speed_kmh, packet.heading = f.number(row[13]), f.number(row[14])
    packet.cell = "-".join(row[9:13])
    packet.satellites, packet.hdop = f.whole(row[15]), f.number(row[16])
    packet.ignition, packet.main_power = f.flag(row[18]), f.flag(row[19])
    if len(fields) < 20:
        packet.problems.append("short")
    return packet
