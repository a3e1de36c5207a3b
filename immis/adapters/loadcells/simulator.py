"""A stand-in for a vendor's feed of load cells, with its moods: slow, down, junk, contradicting.

``POST /simulate`` with ``{"weight": {"imei": "…", "at": "…", "kg": 31200, "axles": […]}}`` enters what a truck's cells
say; with ``{"mood": "down"}`` it changes how everything is answered. Contradicting: each weight twice as heavy.
"""

from typing import Any
from urllib.parse import urlsplit

from immis.adapters.simulating import RegisterDoor, RegisterSimulator

_MOST = 50


class _Feed(RegisterDoor):
    server: "LoadCellSimulator"

    def do_GET(self) -> None:
        if self.is_out():
            return None
        if not urlsplit(self.path).path.endswith("/weights"):
            return self.say(404, b"{}")
        after = self.asked().get("after", "")
        begin = int(after) if after.isdigit() else 0
        rows = self.server.rows[begin : begin + _MOST]
        if self.server.mood == "contradicting":
            rows = [{**row, "kg": row["kg"] * 2, "axles": []} for row in rows]
        return self.say_json(200, {"rows": rows})


class LoadCellSimulator(RegisterSimulator):
    """The feed on ``host:port`` (0: a free one); with a ``key`` only who brings it is answered."""

    wanted = "give a weight with imei, at and kg, or a mood"

    def __init__(self, host: str, port: int, *, key: str = ""):
        self.rows: list[dict[str, Any]] = []
        super().__init__(host, port, _Feed, key=key)

    def take(self, payload: dict[str, Any]) -> None:
        """Enter a weight, or change the mood. Raises ValueError or KeyError."""
        super().take(payload)
        if "weight" in payload:
            row = payload["weight"]
            self.rows.append({"id": str(len(self.rows) + 1), "imei": str(row["imei"]), "at": str(row["at"]),
                              "kg": int(row["kg"]), "axles": list(row.get("axles", [])),
                              "quality": str(row.get("quality", "good"))})  # fmt: skip
