"""A stand-in for the portal of another State as a process of its own, with its moods: slow, down, junk, contradicting.

``POST /simulate`` with ``{"challan": {"number": "JH1", "vehicle": "JH05A1234", …}}`` enters a challan; with
``{"mood": "down"}`` it changes how everything is answered.
"""

from typing import Any
from urllib.parse import urlsplit

from immis.adapters.simulating import MOODS, RegisterDoor, RegisterSimulator

__all__ = ["MOODS", "OriginSimulator"]


class _Portal(RegisterDoor):
    server: "OriginSimulator"

    def do_GET(self) -> None:
        if self.is_out():
            return None
        row = self.server.challans.get(self.asked().get("number", ""))
        if not urlsplit(self.path).path.endswith("/challan") or row is None:
            return self.say_json(200, {"error": "NOT_FOUND"})
        if self.server.mood == "contradicting":  # the same number, for another truck
            row = {**row, "vehicle": f"{str(row.get('vehicle'))[:-1]}X"}
        return self.say_json(200, row)


class OriginSimulator(RegisterSimulator):
    """The portal on ``host:port`` (0: a free one); with a ``key`` only who brings it is answered."""

    wanted = "give a challan with its number, or a mood"

    def __init__(self, host: str, port: int, *, key: str = ""):
        self.challans: dict[str, dict[str, Any]] = {}
        super().__init__(host, port, _Portal, key=key)

    def take(self, payload: dict[str, Any]) -> None:
        """Enter a challan, or change the mood. Raises ValueError or KeyError."""
        super().take(payload)
        if "challan" in payload:
            self.challans[str(payload["challan"]["number"])] = dict(payload["challan"])
