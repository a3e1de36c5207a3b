"""What one AIS-140 record says, whatever dialect it came in."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

# Type code -> alert ID where a dialect carries no alert ID (specification sections 7 and 8).
ALERT_OF_TYPE = {
    "NR": 1, "BD": 3, "BF": 3, "BL": 4, "BC": 5, "BH": 5, "BR": 6, "IN": 7, "IF": 8,
    "TA": 9, "DT": 9, "EA": 10, "EO": 11, "OA": 12, "OT": 12, "PC": 12, "CFG": 12, "OC": 12,
    "HB": 13, "HA": 14, "RT": 15, "WD": 16, "OS": 17, "GI": 18, "GO": 19,
}  # fmt: skip
# Alert ID -> type codes that agree with it; an ID not listed agrees with every code.
TYPES_OF_ALERT = {
    1: {"NR"}, 2: {"NR"}, 3: {"BD", "BF"}, 4: {"BL"}, 5: {"BC", "BH"}, 6: {"BR"},
    7: {"IN"}, 8: {"IF"}, 9: {"TA", "DT"}, 10: {"EA"}, 11: {"EA", "EO"},
    12: {"OA", "OT", "PC", "CFG", "OC"}, 13: {"HB"}, 14: {"HA"}, 15: {"RT"},
    16: {"TA", "DT", "WD"}, 17: {"OS"},
}  # fmt: skip
_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(slots=True)
class Packet:
    """One record of a device: speeds in km/h, voltages in V, ``at`` in the zone the dialect uses."""

    kind: str = "unknown"
    dialect: str = "unknown"
    word: str = ""
    vendor: str = ""
    firmware: str = ""
    imei: str | None = None
    iccid: str = ""  # of the SIM, where a login names it
    vehicle: str | None = None
    type_code: str = ""
    alert: int | None = None
    status: str = ""
    fix: bool | None = None
    at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    speed_kmh: float | None = None
    heading: float | None = None
    satellites: int | None = None
    altitude_m: float | None = None
    hdop: float | None = None
    ignition: bool | None = None
    main_power: bool | None = None
    main_voltage: float | None = None
    battery_voltage: float | None = None
    emergency: bool | None = None
    cover: str = ""
    cell: str = ""
    frame_no: int | None = None
    records: int | None = None
    problems: list[str] = field(default_factory=list)
    raw: bytes = b""

    @property
    def shown(self) -> str:
        """The frame as it came, in letters that every page and database takes; others as ``\\x00``."""
        text = self.raw.decode("latin-1")
        return text if text.isprintable() else _UNSHOWN.sub(lambda result: f"\\x{ord(result.group()):02x}", text)

    def report(self) -> dict[str, Any]:
        """The record as ``immis decode`` prints it; what the frame does not carry is left out."""
        payload = {
            "kind": self.kind,
            "imei": self.imei,
            "time": rfc3339(self.at) if self.at else None,
            "lat": self.lat,
            "lon": self.lon,
            "speed_kmh": self.speed_kmh,
            "heading": self.heading,
            "vehicle": self.vehicle,
            "type": self.type_code or None,
            "alert": self.alert,
            "status": self.status or None,
            "fix": self.fix,
            "ignition": self.ignition,
            "main_power": self.main_power,
            "main_voltage": self.main_voltage,
            "emergency": self.emergency,
            "cover": self.cover or None,
            "frame_no": self.frame_no,
            "records": self.records,
            "dialect": self.dialect,
        }
        return {key: value for key, value in payload.items() if value is not None} | {"problems": self.problems}


def rfc3339(at: datetime) -> str:
    """An instant as RFC 3339 text; UTC is written ``Z``."""
    text = at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return text[:-6] + "Z" if at.tzinfo is UTC or text.endswith("+00:00") else text


def instant(at_s: float) -> str:
    """Seconds since 1970 as RFC 3339 text in UTC."""
    return rfc3339(datetime.fromtimestamp(at_s, UTC))
