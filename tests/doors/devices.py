"""A vehicle's device on the socket: frames as AIS-140 writes them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def checksum(text: str) -> int:
    """CRC-16/KERMIT, as devices of this dialect close a frame."""
    crc = 0
    for byte in text.encode():
        crc ^= byte
        for _bit in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc


class Device:
    """One device, by its IMEI and the plate of its vehicle."""

    def __init__(self, imei: str, plate: str):
        self.imei, self.plate, self.frame_no = imei, plate, 0

    def login(self) -> str:
        return f"$,LGN,IMMS,{self.plate},{self.imei},8991{self.imei},1.0.0,AIS140,25.300000,N,86.400000,E,*\r\n"

    def position(
        self, at: datetime, lat: float, lon: float, *, kmh: float = 0.0, kind: str = "NR", alert: int = 1, cover="C"
    ) -> str:
        """One position packet with its true checksum; alert 9 is an opened box."""
        self.frame_no += 1
        sky = 9 + self.frame_no * 7 % 6, 0.6 + self.frame_no * 3 % 8 / 10
        cell = f"{int(lat * 10):04X},{int(lat * 25) * 7 + int(lon * 25):04X}"
        body = (
            f"$PVT,IMMS,1.0.0,{kind},{alert:02d},L,{self.imei},{self.plate},1,{at.astimezone(UTC):%d%m%Y,%H%M%S},"
            f"{lat:.6f},N,{lon:010.6f},E,{kmh:05.1f},000.00,{sky[0]:02d},0052.0,1.10,{sky[1]:.2f},AIRTEL,1,1,24.4,4.1,0,"
            f"{cover},23,404,52,{cell},3C4E,1A2B,18,3C50,1A2B,15,3C51,1A2B,12,3C52,1A2B,09,0010,00,{self.frame_no:06d}"
        )
        return f"{body},{checksum(body):04X}*\n"


class SocketDoor:
    """``with socket.line(device) as send`` is one connection to the gateway, logged in."""

    def __init__(self, address: tuple[str, int]):
        self.address = address

    @contextmanager
    def line(self, device: Device) -> Iterator["Line"]:
        with socket.create_connection(self.address, timeout=20) as opened:
            line = Line(opened)
            line.send(device.login())
            yield line


class Line:
    """A connection; ``send`` gives frames to the gateway."""

    def __init__(self, opened: socket.socket):
        self._opened = opened

    def send(self, *frames: str) -> None:
        self._opened.sendall("".join(frames).encode())
