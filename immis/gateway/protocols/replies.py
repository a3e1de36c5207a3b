"""Activation replies, parameter reports, commands and the server's own answers (specification section 14)."""

import re
from datetime import datetime

from immis.gateway.protocols import fields as f
from immis.gateway.protocols.http import HTTP
from immis.gateway.protocols.packet import Packet

_COMMAND = re.compile(
    r"(?:SET|GET|CLR) [A-Z0-9]+.*|\$?(?P<imei>\d{15}),\d{6},(?:SET|GET|CLR),.*|"
    r"\^[A-Z0-9_]+(?: [^|]*)?#|@(?:SET|CLR)#.*",
    re.DOTALL,
)
_SERVER_ANSWER = re.compile(r"\$HBT\*?|\$,1,\*|\$LGN\d{14}\*?|\$YES\*?")


def decode_command(text: str) -> Packet | None:
    """A command of the server to a device, in any of the four syntaxes; None for other text."""
    result = _COMMAND.fullmatch(text)
    if result is None:
        return None
    return Packet(kind="command", dialect="command", word=text[:3], imei=result.group("imei"))


def decode_server_answer(text: str) -> Packet | None:
    """What a server answers to a login or heartbeat; None for other text."""
    return Packet(kind="ack", dialect="server-answer") if _SERVER_ANSWER.fullmatch(text) else None


def decode_activation(fields: list[str]) -> Packet | None:
    """``ACTVR`` (activation) and ``HCHKR`` (health check), sent for a random code of the server."""
    imei = f.find_imei(fields, start=1)
    if imei is None:
        return None
    word = next((text for text in fields[:2] if text), "")
    packet = Packet(kind="health" if word == "HCHKR" else "ack", dialect="activation", word=word, imei=fields[imei])
    packet.firmware, packet.vendor = fields[imei - 1], fields[imei - 2] if imei > 2 else ""
    packet.alert = f.whole(fields[imei + 1]) if imei + 1 < len(fields) else None
    lat = f.find_place(fields, imei)
    tail = (fields[lat + 4 :] if lat is not None else []) + [""] * 4
    packet.fix = tail[0] in ("1", "2", "A")
    packet.at = f.merged_instant(tail[1].replace(" ", ""))
    if packet.at is None:
        packet.problems.append("clock_bad")
    if packet.fix and lat is not None:
        packet.lat, packet.lon = f.place(fields[lat : lat + 4], packet.problems)
        packet.heading, packet.speed_kmh = f.number(tail[2]), f.number(tail[3])
    return packet


def decode_parameter_report(fields: list[str]) -> Packet | None:
    """A parameter change reported on its own: code, 12, IMEI, mode, source, date, time, what changed."""
    imei = f.find_imei(fields, start=1)
    if imei is None or fields[imei - 1] != "12":
        return None
    packet = Packet(kind="ack", dialect="parameter-report", word=fields[imei - 2], imei=fields[imei], alert=12)
    packet.type_code = fields[imei - 2]
    for i in range(imei + 1, len(fields) - 1):
        packet.at = f.instant(fields[i], fields[i + 1])
        if packet.at:
            return packet
    packet.problems.append("clock_bad")
    return packet


FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"  # to a phone that may not report
UNREADABLE = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"  # names no device, so that nobody repeats it


def http_ok(body: str = "") -> bytes:
    """The answer to a report over HTTP, with a command in its body where one waits."""
    data = body.encode()
    kind = b"Content-Type: text/plain\r\n" if data else b""
    return b"HTTP/1.1 200 OK\r\n" + kind + f"Content-Length: {len(data)}\r\n\r\n".encode() + data


def reply_to(raw: bytes, received_at: datetime) -> bytes | None:
    """The answer a dialect waits for before it goes on sending; None where none is expected."""
    if raw.startswith(b"$,01,"):
        return b"$,1,*"
    if raw.startswith(b"$,LGN,"):
        return received_at.strftime("$LGN%d%m%Y%H%M%S*").encode()
    if raw.startswith(b"$,HBT,"):
        return b"$HBT*"
    if raw.startswith(HTTP):
        return http_ok()
    return None
