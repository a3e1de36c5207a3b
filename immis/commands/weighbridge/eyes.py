"""``immis weighbridge eyes``: pictures of weighments and what readers saw, handed over with the agent's own key.

It runs beside the agent and shares its folder. A picture is taken when a weighment is, kept on the disk, and handed
over once the department has the weighment; what readers saw goes at once. A camera that is away costs no weighment.
"""

import json
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import httpx

from immis.adapters.eyes.http_client import HttpCamera, HttpReader
from immis.adapters.eyes.port import Camera, EyesUnreachable, Reader
from immis.agent.work import Home

log = logging.getLogger(__name__)
EVERY_S = 1.0
_GONE = range(400, 500)  # answers that asking again would not change
_LATER = (401, 404, 408, 429)  # but these
#: Sends a body to an address of the device and answers the status.
Send = Callable[[str, bytes], int]


@dataclass
class Eyes:
    """Camera and reader of one weighbridge; either may be missing."""

    home: Home
    send: Send
    camera: Camera | None = None
    reader: Reader | None = None
    _seen: int | None = field(default=None)

    @property
    def pictures(self) -> Path:
        folder = self.home.folder / "pictures"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def turn(self) -> int:
        """One round: look, keep, hand over; answers how much was handed over. Raises httpx.HTTPError."""
        self._look()
        return self._tell_seen() + self._hand_over()

    def _look(self) -> None:
        """Take a picture of each weighment that is new since the round before."""
        latest = self.home.store.latest(1)
        counter = int(latest[0]["counter"]) if latest else 0
        fresh, self._seen = self._seen is not None and counter > self._seen, counter
        if not fresh or self.camera is None:
            return
        try:
            content = self.camera.picture()
        except EyesUnreachable as fault:
            log.warning("the camera: %s", fault)
            return
        part = self.pictures / f"{counter}.part"
        part.write_bytes(content)
        os.replace(part, self.pictures / f"{counter}.jpg")

    def _tell_seen(self) -> int:
        if self.reader is None:
            return 0
        try:
            rows = self.reader.glances(str(self.home.store.fact("glanced", "")))
        except EyesUnreachable as fault:
            log.warning("the reader: %s", fault)
            return 0
        if not rows:
            return 0
        payload = [{"at": row.at, "kind": row.kind, "value": row.value, "plate": row.plate} for row in rows]
        status = self.send("sightings", json.dumps({"sightings": payload}).encode())
        if _is_done(status):
            self.home.store.keep(glanced=rows[-1].mark)
        return len(rows) if status == 200 else 0

    def _hand_over(self) -> int:
        done, sent = int(self.home.store.fact("taken_up_to", 0)), 0
        for path in self._waiting():
            counter = int(path.stem)
            if counter > done:
                break
            status = self.send(f"readings/{counter}/photo", path.read_bytes())
            if not _is_done(status):
                break
            path.unlink()
            sent += status == 201
        return sent

    def _waiting(self) -> Sequence[Path]:
        return sorted(self.pictures.glob("*.jpg"), key=lambda path: int(path.stem))


def _is_done(status: int) -> bool:
    """Whether an answer is the last one: taken, or refused for good."""
    return status < 400 or (status in _GONE and status not in _LATER)


def sender(home: Home) -> Send:
    """Sends to the department with the key of the pairing in force. Raises httpx.HTTPError."""

    def send(address: str, content: bytes) -> int:
        url, device = home.store.fact("url"), home.store.fact("device")
        headers = {"Immis-Signature": home.key.sign(content), "Content-Type": "application/json"}
        return httpx.post(
            f"{url}/api/v1/weighbridges/{device}/{address}", content=content, headers=headers, timeout=15
        ).status_code

    return send


@click.command("eyes", epilog="Example: immis weighbridge eyes --camera http://192.168.1.9/snapshot.jpg")
@click.option("--home", type=click.Path(path_type=Path), default=None, help="The agent's folder.")
@click.option("--camera", default="", help="Address of the camera's snapshot.")
@click.option("--reader", default="", help="Address of the plate or RFID reader.")
@click.option("--seconds", type=click.FloatRange(min=0), default=0, help="For how long; 0: until it is ended.")
def command_eyes(home: Path | None, camera: str, reader: str, seconds: float) -> None:
    """Hand over pictures of weighments and what readers saw, beside a paired agent."""
    folder = home or Path(os.environ.get("IMMIS_AGENT_HOME", Path.home() / ".immis-agent"))
    if not (camera or reader):
        raise click.UsageError("give --camera, --reader or both")
    if not (folder / "agent.db").exists():
        raise click.UsageError(f"{folder}: no paired agent")
    own = Home(folder)
    eyes = Eyes(own, sender(own), HttpCamera(camera) if camera else None, HttpReader(reader) if reader else None)
    until = time.monotonic() + seconds
    while not seconds or time.monotonic() < until:
        try:
            eyes.turn()
        except httpx.HTTPError as fault:
            log.warning("the department: %s", fault)
        time.sleep(EVERY_S)
    own.close()
