"""A demand as a dynamic QR: the UPI link that payment apps read, and the BharatQR text (EMVCo, tag-length-value).

The QR only carries what is to be paid and our reference; that money came in is
said by the treasury's notice or its scroll, never by the payer's phone.
"""

from dataclasses import dataclass
from urllib.parse import quote

#: ISO 18245: government services; ISO 4217: rupee.
_CATEGORY, _RUPEE, _COUNTRY = "9399", "356", "IN"
_UPI_AID = "A000000524010111"


@dataclass(frozen=True)
class Payee:
    """The government's account for UPI: its address, its name of at most 25 Latin letters, its city (at most 15)."""

    vpa: str
    name: str
    city: str


def _rupees(amount_paise: int) -> str:
    return f"{amount_paise // 100}.{amount_paise % 100:02d}"


def upi_link(payee: Payee, *, reference: str, amount_paise: int, note: str) -> str:
    """``upi://pay?…`` for one payment: payee, exact amount, our reference (``tr``); the amount cannot be changed."""
    payload = {
        "pa": payee.vpa,
        "pn": payee.name,
        "mc": _CATEGORY,
        "tr": reference,
        "tn": note[:50],
        "am": _rupees(amount_paise),
        "mam": _rupees(amount_paise),
        "cu": "INR",
        "mode": "15",  # dynamic QR
    }
    return "upi://pay?" + "&".join(f"{name}={quote(value, safe='@.-')}" for name, value in payload.items())


def bharat_qr(payee: Payee, *, reference: str, amount_paise: int) -> str:
    """The same as BharatQR: EMVCo merchant-presented, dynamic, UPI as the only network, closed by its CRC."""
    body = _tlv("00", "01") + _tlv("01", "12")
    body += _tlv("26", _tlv("00", _UPI_AID) + _tlv("01", payee.vpa) + _tlv("02", _rupees(amount_paise)))
    body += _tlv("27", _tlv("00", _UPI_AID) + _tlv("01", reference))
    body += _tlv("52", _CATEGORY) + _tlv("53", _RUPEE) + _tlv("54", _rupees(amount_paise))
    body += _tlv("58", _COUNTRY) + _tlv("59", payee.name[:25]) + _tlv("60", payee.city[:15])
    body += _tlv("62", _tlv("01", reference)) + "6304"
    return f"{body}{crc16(body.encode('ascii')):04X}"


def _tlv(tag: str, value: str) -> str:
    """One field. Raises ValueError for what EMVCo cannot carry."""
    if not value.isascii() or not 1 <= len(value) <= 99:
        raise ValueError(f"field {tag}: 1 to 99 ASCII letters")
    return f"{tag}{len(value):02d}{value}"


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE (polynomial 1021, start FFFF), as EMVCo asks for; of ``123456789`` it is 29B1."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _bit in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1 & 0xFFFF
    return crc


def read_tlv(text: str) -> dict[str, str]:
    """The outer fields of an EMVCo text. Raises ValueError when lengths or the CRC do not fit."""
    fields, at = {}, 0
    while at < len(text):
        tag, length = text[at : at + 2], int(text[at + 2 : at + 4])
        value = text[at + 4 : at + 4 + length]
        if len(value) != length:
            raise ValueError(f"field {tag} is cut off")
        fields[tag] = value
        at += 4 + length
    if fields.get("63") != f"{crc16(text[:-4].encode()):04X}":
        raise ValueError("the CRC does not fit")
    return fields
