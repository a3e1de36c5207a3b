"""A stand-in for camera and reader of a gate, with their moods: slow, down, junk, contradicting.

``/snapshot.jpg`` is what the camera sees, ``/glances`` what the reader saw. ``POST /simulate`` with
``{"glance": {"kind": "plate", "value": "BR 08 G 1234", "at": "…"}}`` lets it see a truck. Contradicting: each plate
with another last digit.
"""

import io
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, ImageDraw

from immis.adapters.simulating import RegisterDoor, RegisterSimulator

_MOST = 50


class _Eyes(RegisterDoor):
    server: "EyesSimulator"

    def do_GET(self) -> None:
        if self.is_out():
            return None
        path = urlsplit(self.path).path
        if path.endswith("/snapshot.jpg"):
            return self.say(200, self.server.picture(), "image/jpeg")
        if not path.endswith("/glances"):
            return self.say(404, b"{}")
        after = self.asked().get("after", "")
        begin = int(after) if after.isdigit() else 0
        rows = self.server.rows[begin : begin + _MOST]
        if self.server.mood == "contradicting":
            rows = [{**row, "value": _other(row["value"]), "plate": ""} for row in rows]
        return self.say_json(200, {"rows": rows})


def _other(value: str) -> str:
    return f"{value[:-1]}{(int(value[-1]) + 1) % 10}" if value[-1:].isdigit() else f"{value}1"


class EyesSimulator(RegisterSimulator):
    """Camera and reader on ``host:port`` (0: a free one); with a ``key`` only who brings it is answered."""

    wanted = "give a glance with kind, value and at, or a mood"

    def __init__(self, host: str, port: int, *, key: str = ""):
        self.rows: list[dict[str, Any]] = []
        super().__init__(host, port, _Eyes, key=key)

    def picture(self) -> bytes:
        """What the camera sees: the truck that the reader saw last."""
        seen, out = self.rows[-1]["value"] if self.rows else "", io.BytesIO()
        image = Image.new("RGB", (320, 180), "slategray")
        ImageDraw.Draw(image).text((20, 80), f"{len(self.rows)} {seen}", fill="white")
        image.save(out, "JPEG")
        return out.getvalue()

    def take(self, payload: dict[str, Any]) -> None:
        """See a truck, or change the mood. Raises ValueError or KeyError."""
        super().take(payload)
        if "glance" in payload:
            row = payload["glance"]
            self.rows.append({"id": str(len(self.rows) + 1), "at": str(row["at"]), "kind": str(row["kind"]),
                              "value": str(row["value"]), "plate": str(row.get("plate", ""))})  # fmt: skip
