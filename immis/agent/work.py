"""The agent at work: one thread reads the scale, one hands over what is kept; weighments come from the local page."""

import base64
import json
import secrets
import sqlite3
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

from .client import Client, Refused, Unreachable, now, written
from .scale import ports
from .scale.frames import Cutter, Frame
from .scale.ports import Link, Setting
from .scale.steady import Scale, Seen
from .signed import Key
from .store import Store
from .update import MANIFEST

ALIVE, SILENT, GARBLED = "alive", "silent", "garbled"
HEARTBEAT_SECONDS = 10
#: Without a frame for so long the indicator counts as silent, and after that the port is looked for anew: its number
#: may have moved.
SILENT_SECONDS, LOOK_SECONDS = 5, 20
_SLOWEST_RETRY = 60
_WRONG_CLOCK_MS = 60_000
_TRUCKS_EACH = 3
_RECENT = 400


def _like_text(data: bytes) -> int:
    return sum(1 if 0x20 <= byte < 0x7F or byte in b"\x02\x03\r\n" else -3 for byte in data)


class NotNow(ValueError):
    """Why no weighment can be taken now; the code has its words in ``words.json``."""


class Home:
    """The agent's folder: key, queue and updates, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.store = Store(folder / "agent.db")

    @property
    def key(self) -> Key:
        """The key of the pairing in force."""
        return Key.kept_in(self.folder / str(self.store.fact("key", "device.key")))

    def client(self) -> Optional[Client]:
        """The paired server; None before pairing."""
        url, device = self.store.fact("url"), self.store.fact("device")
        return Client(url, device, self.key) if url and device else None

    def pair(self, url: str, code: str) -> Dict[str, Any]:
        """Pair with the bridge whose operator sees the code, and keep what the department tells of it.

        Each try has a key of its own, for the department may know one whose answer was lost; a new pairing begins a
        new chain, and the file of the one before is laid aside.
        """
        client, name = Client(url), f"device-{secrets.token_hex(4)}.key"
        try:
            answer = client.pair(code, Key.kept_in(self.folder / name))
            if not isinstance(answer.get("device"), str) or not isinstance(answer.get("bridge"), dict):
                raise Refused(200, answer)
        except BaseException:
            (self.folder / name).unlink()
            raise
        before = self.store.fact("device")
        aside = self.folder / (f"agent-{before}-{secrets.token_hex(4)}.db") if before else None
        facts = {"url": client.url, "device": answer["device"], "bridge": answer["bridge"], "key": name}
        self.store.begin(dict(facts, drift_ms=client.drift_ms), aside)
        self._pin_root(client)
        return answer

    def _pin_root(self, client: Client) -> None:
        """Keep the department's key for updates from the day of the first pairing; no later one is taken."""
        if self.store.fact("root") is not None:
            return
        try:
            payload = json.loads(client.file(MANIFEST).decode("utf8"))
        except (Unreachable, Refused, ValueError):
            return
        if isinstance(payload, dict) and payload.get("public_key"):
            self.store.keep(root=str(payload["public_key"]))

    def close(self) -> None:
        """Let the files go."""
        self.store.close()


class Reader(threading.Thread):
    """Follows the indicator across unplugged cables, moved port numbers and noise."""

    def __init__(self, home: Home, on_seen: Callable[[Seen], None]) -> None:
        super().__init__(daemon=True, name="scale")
        self.home, self.on_seen = home, on_seen
        division = (home.store.fact("bridge") or {}).get("division_kg") or 10
        self.scale = Scale(int(division))
        self.state, self.ended = SILENT, threading.Event()
        self._last_frame = self._last_byte = 0.0
        self._recent = b""

    def recent(self) -> bytes:
        """What came last, for learn mode: at the setting at which it looks most like text."""
        return self._recent

    def run(self) -> None:
        """Until the end: find the scale, read it, and look for it again when it is lost."""
        while not self.ended.is_set():
            link = self._kept() or self._look()
            try:
                if link is not None:
                    self._follow(link)
            except (OSError, ValueError, TypeError, sqlite3.Error):  # unplugged: the driver has several ways to say it
                self.scale.last = None
                self.state = SILENT
            self.ended.wait(1)

    def _kept(self) -> Optional[Link]:
        row = self.home.store.fact("link")
        return Link(row["port"], Setting(row["speed"], row["bits"]), row["form"]) if row else None

    def _look(self) -> Optional[Link]:
        """Try all ports with all speeds; keep what answers."""
        wanted = self.home.store.fact("port")
        names = [wanted] if wanted else [name for name, _words in ports.ports()]
        for name in names:
            if self.ended.is_set():
                break
            try:
                link, heard = ports.find(name, self.home.store.fact("learned"))
            except (OSError, ValueError):
                continue
            if link is not None:
                row = {"port": name, "speed": link.setting.speed, "bits": link.setting.bits, "form": link.form}
                self.home.store.keep(link=row)
                return link
            self.state = GARBLED if any(heard.values()) else SILENT
            self._recent = max(heard.values(), key=_like_text)
        return None

    def _follow(self, link: Link) -> None:
        cutter, self._recent = Cutter(link.form), b""
        self._last_frame = self._last_byte = time.monotonic()
        with ports.open_port(link.port, link.setting) as port:
            while not self.ended.is_set():
                data = ports.plain(port.read(max(1, min(4096, port.in_waiting))), link.setting.bits)
                self._recent = (self._recent + data)[-_RECENT:]
                self._told(cutter.feed(data), bool(data))
                if time.monotonic() - self._last_frame > LOOK_SECONDS:
                    self.home.store.keep(link=None)
                    return

    def _told(self, frames: List[Frame], anything: bool) -> None:
        at = time.monotonic()
        self._last_byte = at if anything else self._last_byte
        for frame in frames:
            self._last_frame, self.state = at, ALIVE
            self.on_seen(self.scale.feed(frame, int(at * 1000)))
        if at - self._last_frame > SILENT_SECONDS:
            self.scale.last = None
            self.state = GARBLED if at - self._last_byte < SILENT_SECONDS else SILENT


class Sender(threading.Thread):
    """Hands over what is kept, oldest first, as soon as the network lets it, and tells every while that it lives."""

    def __init__(self, home: Home, state: Callable[[], Dict[str, Any]]) -> None:
        super().__init__(daemon=True, name="sender")
        self.home, self.state = home, state
        self.awake, self.ended = threading.Event(), threading.Event()
        self.online, self.trouble, self.answer = False, "", {}  # type: bool, str, Dict[str, Any]
        self.client: Optional[Client] = None
        self._next_beat, self._pause, self._beats = 0.0, 1.0, 0

    def run(self) -> None:
        """Until the end."""
        while not self.ended.is_set():
            client = self.client = self.client or self.home.client()
            pause = self._turn(client) if client else 1.0
            self.awake.wait(pause)
            self.awake.clear()

    def _turn(self, client: Client) -> float:
        """One round; how long to wait for the next one."""
        try:
            while self.hand_over(client):
                pass
            if time.monotonic() >= self._next_beat:
                self._next_beat = time.monotonic() + HEARTBEAT_SECONDS
                self._beat(client)
                self.home.store.keep(drift_ms=client.drift_ms)
            self.online, self.trouble, self._pause = True, "", 1.0
        except (Unreachable, sqlite3.Error) as fault:  # a full disk as well: it is tried again
            self.online, self.trouble = False, str(fault)
            self._pause = min(_SLOWEST_RETRY, self._pause * 2)
        except Refused as fault:
            self.online, self.trouble = True, str(fault)
            self._pause = min(_SLOWEST_RETRY, self._pause * 2)
        return self._pause

    def _beat(self, client: Client) -> None:
        """Tell that it lives; which trucks stand there changes by the minute and is asked each third time."""
        asked = self._beats % _TRUCKS_EACH == 0
        self._beats += 1
        answer = client.heartbeat(dict(self.state(), trucks=asked))
        self.answer = answer if asked else dict(answer, trucks=self.answer.get("trucks"))

    def hand_over(self, client: Client) -> bool:
        """Send one batch; True where more waits and the last one was taken."""
        rows = self.home.store.unsent()
        if not rows:
            return False
        before = self.home.store.fact("taken_up_to", 0)
        up_to, findings = client.send(rows)
        self.home.store.taken(up_to, findings)
        return bool(up_to != before and self.home.store.queued())


class Agent:
    """Reader, sender and the acts of the operator."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.reader = Reader(self.home, self._seen)
        self.sender = Sender(self.home, self.heartbeat_state)
        self._owes_zero = bool(self.home.store.fact("owes_zero", False))
        self.reader.scale.free = not self._owes_zero

    def start(self) -> None:
        """Begin to read and to hand over."""
        self.reader.start()
        self.sender.start()

    def stop(self) -> None:
        """End both; what is kept stays."""
        for thread in (self.reader, self.sender):
            thread.ended.set()
        self.sender.awake.set()
        for thread in (self.reader, self.sender):
            if thread.is_alive():
                thread.join(5)
        self.home.close()

    def heartbeat_state(self) -> Dict[str, Any]:
        """What a heartbeat tells of the scale."""
        seen = self.reader.scale.last
        kg, stable = (seen.kg, seen.stable or seen.zero) if seen else (None, False)
        return {"weight_kg": kg, "stable": stable, "indicator": self.reader.state, "queued": self.home.store.queued()}

    def weigh(self, kind: str, plate: str, challan: str = "") -> Dict[str, Any]:
        """Keep a signed weighment of the truck that stands on the scale; NotNow where it cannot be one."""
        seen = self.reader.scale.last
        if self.sender.client is None and self.home.client() is None:
            raise NotNow("unpaired")
        if seen is None or seen.kg is None or self.reader.state != ALIVE:
            raise NotNow("silent")
        if kind != "check" and not plate:
            raise NotNow("plate")
        if not seen.stable:
            raise NotNow("empty" if seen.zero else "moving")
        if not self.reader.scale.free:
            raise NotNow("not_zero")
        reading = self._take(kind, seen, plate, challan)
        self.reader.scale.weighed()
        self._owes(True)
        return reading

    def _seen(self, seen: Seen) -> None:
        """The scale came back to zero after a weighment: that is told as well."""
        if seen.zero and self._owes_zero:
            self._take("zero", seen, "", "")
            self._owes(False)

    def _owes(self, zero: bool) -> None:
        self._owes_zero = zero
        self.home.store.keep(owes_zero=zero)

    def _department_now(self) -> datetime:
        """The instant by the department's clock, as far as its last answer told it; a computer may have lost its own.

        What is sent bears this computer's own clock, so that the department sees how far that differs.
        """
        drift_ms = int(self.home.store.fact("drift_ms") or 0)
        return now() + (timedelta(milliseconds=drift_ms) if abs(drift_ms) > _WRONG_CLOCK_MS else timedelta(0))

    def _take(self, kind: str, seen: Seen, plate: str, challan: str) -> Dict[str, Any]:
        values = {
            "at": written(self._department_now()), "kind": kind, "weight_kg": seen.kg, "stable": True,
            "plate": plate, "challan": challan,
            "raw": base64.b64encode(seen.raw).decode("ascii"), "format": seen.format,
            "min_kg": seen.min_kg, "max_kg": seen.max_kg, "place": self.home.store.fact("place"),
        }  # fmt: skip
        reading = self.home.store.take(self.home.key, values)
        self.sender.awake.set()
        return reading
