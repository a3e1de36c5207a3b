"""Emergency packets: the button in the cab (specification section 9)."""

from immis.gateway.protocols import fields as f
from immis.gateway.protocols.packet import Packet

_ALERT = {"EMR": 10, "SEM": 11}


def decode_emergency(fields: list[str], word: str) -> Packet | None:
    """An ``EMR`` or ``SEM`` packet in any of its variants; None where no IMEI follows the word."""
    message = next((i for i in range(min(4, len(fields))) if fields[i] in _ALERT), None)
    if message is None:
        return None
    imei = f.find_imei(fields, start=message + 1)
    if imei is None:
        return None
    packet = Packet(kind="emergency", dialect=_name(fields, message), word=word, imei=fields[imei])
    packet.alert = _ALERT[fields[message]]
    packet.type_code = fields[message]
    packet.emergency = packet.alert == 10
    packet.vendor = fields[message - 1] if message and fields[message - 1] != word else ""
    lat = f.find_place(fields, imei)
    if lat is None:
        packet.problems.append("coordinates_missing")
        _read_head(packet, fields[imei + 1 :])
        return packet
    if lat == imei + 1:
        return _read_sms_form(packet, fields, lat)
    _read_head(packet, fields[imei + 1 : lat])
    if packet.fix:
        packet.lat, packet.lon = f.place(fields[lat : lat + 4], packet.problems)
    _read_tail(packet, fields[lat + 4 :])
    return packet


def _read_head(packet: Packet, head: list[str]) -> None:
    """Stored or live mark, date and time in one, two or six fields, validity."""
    packet.status = {"SP": "H", "NM": "L"}.get(head[0] if head else "", "")
    validity = next((text for text in reversed(head) if text in ("A", "V", "1", "0")), "")
    packet.fix = validity in ("A", "1")
    digits = [text for text in head if text.isdecimal() and not (text == validity and len(text) == 1)]
    packet.at = f.merged_instant("".join(digits)) if digits else None
    if packet.at is None:
        packet.problems.append("clock_bad")


def _read_tail(packet: Packet, tail: list[str]) -> None:
    """Altitude, speed, distance from the previous fix, provider, registration, reply number."""
    tail = tail + [""] * 5
    if packet.fix:
        packet.altitude_m, packet.speed_kmh = f.number(tail[0]), f.number(tail[1])
    packet.vehicle = f.vehicle(tail[4], imei=packet.imei)


def _read_sms_form(packet: Packet, fields: list[str], lat: int) -> Packet:
    """The text-message order: place, validity, speed, cell, area, date and time (E8)."""
    tail = fields[lat + 4 :] + [""] * 5
    packet.dialect = "E8-sms"
    packet.fix = tail[0] in ("A", "1")
    if packet.fix:
        packet.lat, packet.lon = f.place(fields[lat : lat + 4], packet.problems)
        packet.speed_kmh = f.number(tail[1])
    packet.at = f.merged_instant("".join(text for text in tail[4:6] if text.isdecimal()))
    if packet.at is None:
        packet.problems.append("clock_bad")
    return packet


def _name(fields: list[str], message: int) -> str:
    first = 2 if fields[0] == "" else 1
    return "E2-vendor-emergency" if message > first else "E1-emergency"
