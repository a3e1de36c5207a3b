"""One frame in, its records out: the front of all dialects.

Frames are told apart by shape, not by their word alone: ``Header``, ``EPB`` and
``PVT`` each carry more than one kind (specification section 2).
"""

import re

from immis.gateway.protocols import cdac, health, login, osmand, replies
from immis.gateway.protocols import fields as f
from immis.gateway.protocols.emergency import decode_emergency
from immis.gateway.protocols.http import HTTP, unfinished
from immis.gateway.protocols.packet import Packet
from immis.gateway.protocols.position import decode_position

_LOGIN_WORDS = frozenset({"LGN", "LIN", "LI", "01"})
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_PIPED_KINDS = {"LGN": "login", "EMG": "emergency", "EPB": "emergency", "HBT": "health", "HLM": "health"}
_COMMON_POSITION_WORDS = ("$PVT,", "$NRM,", "$,PVT", "$Head", "$NMP,", "$RLP,")


def decode_frame(raw: bytes) -> list[Packet]:
    """The records of one frame, as cut by the framer; never an error, ``unknown`` for other protocols.

    A batch gives one packet a record. Raw bytes are kept on each; in what is read out of them a control character
    stands as a replacement mark, as no database and no page takes it.
    """
    packets = _decode_http(raw) if raw.startswith(HTTP) else _decode_text(_text(raw))
    for packet in packets:
        packet.raw = raw
    return packets


def _text(raw: bytes) -> str:
    text = raw.decode("latin-1").strip(" \r\n\t\0")
    return text if text.isprintable() else _CONTROLS.sub("\ufffd", text)


def _decode_http(raw: bytes) -> list[Packet]:
    """A request: a record of the C-DAC profile in its form, or a phone's report."""
    request = unfinished(raw)
    if request is None or not request.target:
        return [_unknown(_text(raw))]
    form = cdac.form_in(request)
    if form is not None:
        return _decode_record(_text(form.encode("latin-1", "replace")))
    return osmand.decode_request(request) or [_unknown(_text(raw))]


def _decode_record(text: str) -> list[Packet]:
    """What a form field holds: a frame with a dollar, or a fixed-width record."""
    return _decode_text(text) if text.startswith("$") else _decode_fixed(text)


def _decode_text(text: str) -> list[Packet]:
    if not text.startswith("$"):
        return _decode_bare(text)
    if text.startswith(_COMMON_POSITION_WORDS):
        return [_decode_dollar(text)]
    if text.startswith("$,BTH,"):
        return cdac.decode_text_batch(f.split_end(text)[0])
    packet = replies.decode_server_answer(text) or replies.decode_command(text)
    packet = packet or login.decode_dollar_login(f.split_end(text)[0])
    return [packet or _decode_dollar(text)]


def _decode_bare(text: str) -> list[Packet]:
    """Frames without the dollar: forms, fixed width, activation, commands, SMS emergencies, pipes."""
    record = cdac.form_value(text)
    if record is not None:
        return _decode_record(record)
    if cdac.FIXED.fullmatch(text):
        return _decode_fixed(text)
    if text.startswith(("ACTVR,", "HCHKR,")):
        packet = replies.decode_activation(f.split_fields(f.split_end(text)[0]))
    elif text.startswith(("EPB,EMR,", "EPB,SEM,")):
        packet = decode_emergency(f.split_fields(f.split_end(text)[0]), "EPB")
    elif text.count("|") >= 10:
        packet = _decode_piped(text)
    else:
        packet = replies.decode_command(text) or _behind_noise(text)
    return [packet or _unknown(text)]


def _behind_noise(text: str) -> Packet | None:
    """A frame with bytes before its dollar, which a stream's framer would have skipped."""
    at = text.find("$")
    packet = _decode_text(text[at:])[0] if at > 0 else None
    if packet is None or packet.kind == "unknown":
        return None
    packet.problems.append("noise_before")
    return packet


def _decode_fixed(text: str) -> list[Packet]:
    return cdac.decode_fixed(text) if cdac.FIXED.fullmatch(text) else [_unknown(text)]


def _decode_dollar(text: str) -> Packet:
    """A comma-separated frame: emergency, position, login, parameter report or health, by its shape."""
    body, _ = f.split_end(text)
    fields = f.split_fields(body.lstrip("$"))
    word = next((x for x in fields[:2] if x), "")
    packet = _emergency(fields, word) or decode_position(fields, word) or _other_shapes(fields, word)
    return packet or _unknown(text, word)


def _emergency(fields: list[str], word: str) -> Packet | None:
    return decode_emergency(fields, word) if "EMR" in fields[:4] or "SEM" in fields[:4] else None


def _other_shapes(fields: list[str], word: str) -> Packet | None:
    if word == "500":
        return health.decode_diagnosis(fields, word)
    if word in ("ACTVR", "HCHKR"):
        return replies.decode_activation(fields)
    report = replies.decode_parameter_report(fields)
    if report:
        return report
    imei = f.find_imei(fields)
    if imei is None:
        return None
    short_word = word.rpartition("-")[2]
    if short_word in _LOGIN_WORDS:
        return login.decode_login(fields, short_word)
    if word in health.WORDS:
        return health.decode_health(fields, word)
    if _has_place(fields, imei):
        return login.decode_login(fields, word) if len(fields) < 13 else None
    return health.decode_health(fields, word) if 8 <= len(fields) <= 16 and imei > 1 else None


def _has_place(fields: list[str], imei: int) -> bool:
    return f.find_place(fields, imei) is not None


def _decode_piped(text: str) -> Packet | None:
    """The pipe-separated position: vendor, firmware, word, IMEI, registration, sequence, mark, date, time."""
    fields = [part.strip() for part in f.split_end(text)[0].split("|")]
    imei = f.find_imei(fields)
    if imei is None or imei < 1:
        return None
    lat = f.find_place(fields, imei)
    if lat is None or lat < imei + 6:
        return None
    word = fields[imei - 1]
    packet = Packet(kind=_PIPED_KINDS.get(word, "position"), dialect="P12-pipe", word=word, imei=fields[imei])
    packet.vendor, packet.firmware = fields[0], fields[1]
    packet.vehicle = f.vehicle(fields[imei + 1], imei=packet.imei)
    packet.frame_no, packet.status = f.whole(fields[imei + 2]), fields[imei + 3]
    packet.at = f.instant(fields[imei + 4], fields[imei + 5])
    packet.fix = fields[lat - 1] in ("A", "1")
    if packet.at is None:
        packet.problems.append("clock_bad")
    if packet.fix:
        packet.lat, packet.lon = f.place(fields[lat : lat + 4], packet.problems)
        packet.speed_kmh = f.number(fields[lat + 4]) if len(fields) > lat + 4 else None
    tail = fields[lat + 11 : lat + 16]  # operator is before it: ignition, main power, two voltages, emergency
    if len(tail) == 5:
        packet.ignition, packet.main_power = f.flag(tail[0]), f.flag(tail[1])
        packet.main_voltage, packet.battery_voltage = f.number(tail[2]), f.number(tail[3])
    if packet.kind == "emergency":
        packet.alert, packet.type_code = 10, "EA"
    return packet


def _unknown(text: str, word: str = "") -> Packet:
    """A frame of another protocol: whose it is, if a 15-digit number stands in it, and nothing more."""
    result = f.IMEI.search(text)
    return Packet(word=word, imei=result.group() if result else None, problems=["not_ais140"])
