"""A stand-in for VAHAN and SARATHI as a process of its own, with their moods: slow, down, junk, another vehicle.

``POST /simulate`` with ``{"vehicle": {"rc_regn_no": "BR08G1234", …}}`` or ``{"licence": {"dl_no": "BR06…", …}}`` enters
a record; with ``{"mood": "down"}`` it changes how everything is answered.
"""

from typing import Any
from urllib.parse import urlsplit

from immis.adapters.simulating import MOODS, RegisterDoor, RegisterSimulator

__all__ = ["MOODS", "TransportSimulator"]


class _Registers(RegisterDoor):
    server: "TransportSimulator"

    def do_GET(self) -> None:
        if self.is_out():
            return None
        path, asked, server = urlsplit(self.path).path, self.asked(), self.server
        if path.endswith("/rc"):
            return self._vehicle(asked.get("regn_no", ""))
        if path.endswith("/dl"):
            row = server.licences.get(asked.get("dl_no", ""))
            return self.say_json(200, row or {"errorcd": "RECORD_NOT_FOUND"})
        return self.say(404, b"{}")

    def _vehicle(self, mark: str) -> None:
        row = self.server.vehicles.get(mark)
        if row is None:
            return self.say(200, b'{"stautsMessage": "ERROR", "error_code": "RECORD_NOT_FOUND"}')
        if self.server.mood == "contradicting":  # what another service has of the same mark
            row = {**row, "rc_regn_no": f"{mark[:-1]}{(int(mark[-1]) + 1) % 10}"}
        return self.say_json(200, {"stautsMessage": "OK", **row})


class TransportSimulator(RegisterSimulator):
    """Both registers on ``host:port`` (0: a free one); with a ``key`` only who brings it is answered."""

    wanted = "give a vehicle with rc_regn_no, a licence with dl_no, or a mood"

    def __init__(self, host: str, port: int, *, key: str = ""):
        self.vehicles: dict[str, dict[str, Any]] = {}
        self.licences: dict[str, dict[str, Any]] = {}
        super().__init__(host, port, _Registers, key=key)

    def take(self, payload: dict[str, Any]) -> None:
        """Enter a record, or change the mood. Raises ValueError or KeyError."""
        super().take(payload)
        if "vehicle" in payload:
            self.vehicles[str(payload["vehicle"]["rc_regn_no"])] = dict(payload["vehicle"])
        if "licence" in payload:
            self.licences[str(payload["licence"]["dl_no"])] = dict(payload["licence"])
