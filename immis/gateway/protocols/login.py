"""Logins: thirteen layouts that share an IMEI with a registration beside it (specification section 4)."""

import re

from immis.gateway.protocols import fields as f
from immis.gateway.protocols.packet import Packet

_GLUED_PLACE = re.compile(r"([-\d.]+)([NS])([-\d.]+)([EW])")
_ICCID = re.compile(r"\d{18,20}[\dF]?")
_DOLLAR_FORM = re.compile(r"\$([^$,*]*)\$(\d{15})\$(.*)", re.DOTALL)
_ARAI_FORM = re.compile(r"\$([^$,*]*),\$(\d{15}),(.*)", re.DOTALL)


def decode_dollar_login(body: str) -> Packet | None:
    """The logins that separate their fields by dollar signs (L4) or start each with one (L5)."""
    result = _DOLLAR_FORM.match(body)
    dialect, separator = "L4-dollar-login", "$"
    if result is None:
        result = _ARAI_FORM.match(body)
        dialect, separator = "L5-arai-login", ","
    if result is None:
        return None
    packet = Packet(kind="login", dialect=dialect, word="LGN", imei=result.group(2))
    packet.vehicle = f.vehicle(result.group(1), imei=packet.imei)
    rest = [part.strip().lstrip("$") for part in result.group(3).split(separator)]
    packet.firmware = rest[0] if rest else ""
    _read_place(packet, rest)
    return packet


def decode_login(fields: list[str], word: str) -> Packet | None:
    """A comma-separated login, or None where no 15-digit field stands in it."""
    imei = f.find_imei(fields, start=1 if fields and fields[0] == "" else 0)
    if imei is None:
        return None
    packet = Packet(kind="login", dialect=_name(fields, word, imei), word=word, imei=fields[imei])
    packet.vehicle = _registration(fields, word, imei)
    packet.iccid = fields[imei + 1] if imei + 1 < len(fields) and _ICCID.fullmatch(fields[imei + 1]) else ""
    after = imei + 2 if packet.iccid else imei + 1
    packet.firmware = fields[after] if after < len(fields) else ""
    if word in ("01", "LI"):
        packet.firmware = fields[imei - 1]
        packet.vendor = fields[imei - 2]
    _read_place(packet, fields[imei + 1 :])
    return packet


def _registration(fields: list[str], word: str, imei: int) -> str | None:
    """The registration: a neighbour that looks like an Indian plate, else the field before the IMEI."""
    behind = {"01": 1, "LI": 2}.get(word)
    if behind:
        text = fields[imei + behind] if imei + behind < len(fields) else ""
        return f.vehicle(text, imei=fields[imei])
    for i in (imei - 1, imei + 1):
        if 0 <= i < len(fields) and f.PLATE.fullmatch(fields[i].lstrip("0")):
            return f.vehicle(fields[i], imei=fields[imei])
    before = fields[imei - 1] if imei >= 1 else ""
    return None if before == word else f.vehicle(before, imei=fields[imei])


def _read_place(packet: Packet, rest: list[str]) -> None:
    """Last valid place, in any of its spellings; zeros at the first start are normal."""
    at = f.find_place(rest, 0)
    if at is not None:
        packet.lat, packet.lon = f.place(rest[at : at + 4], packet.problems)
        return
    for text in rest:
        glued = _GLUED_PLACE.fullmatch(text)
        if glued:
            packet.lat, packet.lon = f.place(glued.groups(), packet.problems)
            return
    for i in range(len(rest) - 1, 0, -1):
        if (
            "." in rest[i]
            and "." in rest[i - 1]
            and f.number(rest[i - 1]) is not None
            and f.number(rest[i]) is not None
        ):
            packet.lat, packet.lon = f.place((rest[i - 1], "", rest[i], ""), packet.problems)
            return


def _name(fields: list[str], word: str, imei: int) -> str:
    if word == "01":
        return "L11-numeric-login"
    if word == "LI":
        return "L12-blackbox-login"
    if word == "" or (fields[0] == "" and imei == 2 and fields[1] == ""):
        return "L10-nameless-login"
    if word == "Header":
        return "L6-header-login"
    if imei == 1 and fields[0] == word:
        return "L7-wordless-login"
    if fields[0] == "":
        return "L3-separate-word-login"
    return "L1-login" if imei == 2 else "L8-vendor-login"
