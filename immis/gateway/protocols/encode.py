"""Writing frames as devices do: for the device simulator, the demo and the tests."""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from immis.gateway.protocols.checksums import crc16_kermit, crc32_mpeg2, xor8
from immis.gateway.protocols.fields import IST

DIALECTS = ("nic", "arai", "itriangle", "roadpoint", "rlp", "maharashtra", "numeric", "cdac")


@dataclass(frozen=True)
class Report:
    """What a simulated device wants to say; ``at`` aware, speed in km/h."""

    imei: str
    vehicle: str
    at: datetime
    lat: float
    lon: float
    frame_no: int
    speed_kmh: float = 0.0
    heading: float = 0.0
    type_code: str = "NR"
    alert: int = 1
    status: str = "L"
    fix: bool = True
    ignition: bool = True
    main_power: bool = True
    main_voltage: float = 24.4
    cover: str = "C"
    emergency: bool = False
    satellites: int | None = None  # None: as a receiver that sees the sky
    hdop: float | None = None
    cell: str = ""  # area and cell; by default that of the place

    @property
    def sky(self) -> tuple[int, float]:
        """Satellites in view and accuracy, which change all the time under an open sky."""
        count = 9 + self.frame_no * 7 % 6 if self.satellites is None else self.satellites
        return count, 0.6 + self.frame_no * 3 % 8 / 10 if self.hdop is None else self.hdop

    @property
    def serving(self) -> str:
        """Area code and cell of the place: a cell reaches a few kilometres."""
        return self.cell or f"{int(self.lat * 10):04X},{int(self.lat * 25) * 7 + int(self.lon * 25):04X}"


def encode_position(report: Report, *, dialect: str = "nic") -> bytes:
    """One position packet in a dialect of ``DIALECTS``, with its true checksum and line end.

    The ``cdac`` form is fixed width and has no frame number.
    """
    return _ENCODERS[dialect](report)


def encode_login(*, imei: str, vehicle: str, lat: float = 0.0, lon: float = 0.0, iccid: str = "") -> bytes:
    """A login of the kind that waits for an answer, with the number of the device's SIM where it is given."""
    sim = f"{iccid}," if iccid else ""
    return f"$,LGN,IMMS,{vehicle},{imei},{sim}1.0.0,AIS140,{lat:.6f},N,{lon:.6f},E,*\r\n".encode()


def encode_emergency(report: Report, *, on: bool = True) -> bytes:
    """The button pressed (EMR) or released (SEM), after the standard's table."""
    body = (
        f"$,EPB,{'EMR' if on else 'SEM'},{report.imei},NM,{report.at.astimezone(UTC):%d%m%Y%H%M%S},A,"
        f"{report.lat:.6f},N,{report.lon:.6f},E,50.0,{report.speed_kmh:.1f},0.0,G,{report.vehicle},0,"
    )
    return f"{body}{zlib.crc32(body.encode()):08X}*\r\n".encode()


def _head(r: Report) -> str:
    return f"{r.type_code},{r.alert:02d},{r.status},{r.imei},{r.vehicle}"


def _when(r: Report) -> str:
    return f"{r.at.astimezone(UTC):%d%m%Y,%H%M%S}"


def _track(r: Report) -> str:
    satellites, hdop = r.sky
    return (
        f"{r.lat:.6f},N,{r.lon:010.6f},E,{r.speed_kmh:05.1f},{r.heading:06.2f},{satellites:02d},0052.0,1.10,{hdop:.2f},"
        "AIRTEL,"
        f"{r.ignition:d},{r.main_power:d},{r.main_voltage:.1f},4.1,{r.emergency:d}"
    )


_NEIGHBOURS = "3C4E,1A2B,18,3C50,1A2B,15,3C51,1A2B,12,3C52,1A2B,09"


def _cells(r: Report) -> str:
    return f"{_serving(r)},{_NEIGHBOURS}"


def _serving(r: Report) -> str:
    return f"{r.cover},23,404,52,{r.serving}"


def _nic(r: Report) -> bytes:
    body = f"$PVT,IMMS,1.0.0,{_head(r)},{r.fix:d},{_when(r)},{_track(r)},{_cells(r)},0010,00,{r.frame_no:06d}"
    return f"{body},{crc16_kermit(body.encode()):04X}*\n".encode()


def _arai(r: Report) -> bytes:
    body = f"$,PVT,IMMS,2.0.0,{_head(r)},{r.fix:d},{_when(r)},{_track(r)},{_cells(r)},0010,00,{r.frame_no:06d},"
    return f"{body}{xor8(body[1:].encode()):02X},*".encode()


def _itriangle(r: Report) -> bytes:
    body = (
        f"$Header,iTriangle,1_37T02,{_head(r)},{r.fix:d},{_when(r)},{_track(r)},{_cells(r)},"
        f"0010,00,{r.frame_no:06d},0.0,0.0,0,()*"
    )
    return f"{body}{xor8(body.encode()):02X}\r\n".encode()


def _roadpoint(r: Report) -> bytes:
    body = f"$NRM,ROADRPA,1.9AIS,{_head(r)},{r.fix:d},{_when(r)},{_track(r)},{_cells(r)},0000,00,{r.frame_no:06d},"
    return f"{body}{zlib.crc32(body.encode()):08X}*\n".encode()


def _rlp(r: Report) -> bytes:
    body = f"$RLP,IMMS,2.1.3,{_head(r)},{_when(r)},{r.fix:d},{_track(r)},{_serving(r)},0001,00,{r.frame_no:06d},29.2,"
    return f"{body}{xor8(body.encode()):02X},*".encode()


def _maharashtra(r: Report) -> bytes:
    return (
        f"$NMP,TRAX,1.7.7,{_head(r)},,{r.fix:d},{_when(r)},{_track(r)},{_serving(r)},x,x,x,x,x,x,x,x,x,x,x,x,"
        f"0002,00,{r.frame_no:06d},00.4,00.4,0,(0,0,0)*\n"
    ).encode()


def _numeric(r: Report) -> bytes:
    body = (
        f"$,{'03' if r.status == 'L' else '04'},IMMS,0.0.1,{_head(r)},{r.fix:d},"
        f"{r.at.astimezone(UTC):%d,%m,%Y,%H,%M,%S},{_track(r)},"
        f"{_cells(r)},0010,00,{r.frame_no:06d},"
    )
    return f"{body}{crc32_mpeg2(body.encode()):08x}*\n".encode()


def _cdac(r: Report) -> bytes:
    word = "NRM" if r.alert in (1, 2) else "ALT"
    return (
        f"vltdata={word}{r.imei}{r.alert:02d}{r.status}{r.fix:d}{r.at.astimezone(IST):%d%m%y%H%M%S}"
        f"{r.lat:010.6f}N{r.lon:010.6f}E404x521A2B{'3C4D':>9}{r.speed_kmh:06.2f}{r.heading:06.2f}120123"
        f"{r.ignition:d}{r.main_power:d}M\n"
    ).encode()


_ENCODERS = {
    "nic": _nic, "arai": _arai, "itriangle": _itriangle, "roadpoint": _roadpoint, "rlp": _rlp,
    "maharashtra": _maharashtra, "numeric": _numeric, "cdac": _cdac,
}  # fmt: skip
