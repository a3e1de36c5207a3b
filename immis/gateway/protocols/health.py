"""Health packets: battery, memory and reporting rates; they carry no time (specification section 6)."""

from immis.gateway.protocols import fields as f
from immis.gateway.protocols.packet import Packet

WORDS = frozenset({"HLM", "HMP", "HLT", "HBT", "HEL", "HLP", "02", "101"})


def decode_health(fields: list[str], word: str) -> Packet | None:
    """A comma-separated health packet; None without a 15-digit field."""
    imei = f.find_imei(fields)
    if imei is None:
        return None
    packet = Packet(kind="health", dialect="health", word=word, imei=fields[imei])
    first = 2 if fields[0] == "" else 1
    packet.vendor = fields[first] if first < imei else ""
    packet.firmware = fields[first + 1] if first + 1 < imei else ""
    return packet


def decode_diagnosis(fields: list[str], word: str) -> Packet:
    """A vendor's diagnosis packet (``500``): not of the standard, so only whose it is and when."""
    packet = Packet(dialect="diagnosis-500", word=word)
    imei = f.find_imei(fields)
    if imei is not None:
        packet.imei = fields[imei]
        packet.at = f.instant(*fields[imei + 2 : imei + 4]) if len(fields) >= imei + 4 else None
    return packet
