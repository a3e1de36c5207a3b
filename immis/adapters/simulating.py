"""What the stand-ins for outside systems share as servers: how they are asked, how they answer, how they end."""

import json
import logging
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

log = logging.getLogger(__name__)
_MOST_BYTES = 64 * 1024


class Door(BaseHTTPRequestHandler):
    """One connection to a stand-in."""

    wbufsize = -1  # an answer goes out in one piece: its body would wait 40 ms for the receipt of its head

    def asked(self) -> dict[str, str]:
        """What the address asks, the first value of each name."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def body(self) -> bytes:
        """What was sent, as far as a stand-in reads. Raises ValueError for a length that is no number."""
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES))

    def say_json(self, status: int, body: Any) -> None:
        self.say(status, json.dumps(body).encode())

    def say(
        self, status: int, body: bytes, kind: str = "application/json", headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer, unless who asked has given up."""
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


class Simulator(ThreadingHTTPServer):
    """A stand-in on ``host:port`` (0: a free one): ``serve_forever()`` runs it, ``url`` is where it listens.

    Whoever lets others wait waits for ``ended``.
    """

    daemon_threads = True

    def __init__(self, host: str, port: int, door: type[Door]):
        self.ended = threading.Event()
        super().__init__((host, port), door)
        self.url = f"http://{host}:{self.server_address[1]}"

    def server_close(self) -> None:
        self.ended.set()
        super().server_close()


#: How a stand-in for a register can answer.
MOODS = ("well", "slow", "down", "junk", "contradicting")
_SLOW_S = 8.0


class RegisterDoor(Door):
    """One connection to a stand-in for a register of others, which can be slow or down and may ask for a key."""

    server: "RegisterSimulator"

    def is_out(self) -> bool:
        """Whether it answered by its mood, or that the key is missing, and has no more to say."""
        server = self.server
        if server.mood == "slow":
            server.ended.wait(_SLOW_S)
        if server.mood == "down":
            self.say(503, b"<html>Service Unavailable</html>", "text/html")
        elif server.mood == "junk":
            self.say(200, b"<html>maintenance</html>", "text/html")
        elif server.key and self.headers.get("X-Api-Key") != server.key:
            self.say(401, b"{}")
        else:
            return False
        return True

    def do_POST(self) -> None:
        try:
            self.server.take(json.loads(self.body()))
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.say_json(400, {"error": self.server.wanted})
        return self.say(200, b"{}")


class RegisterSimulator(Simulator):
    """A register on ``host:port``; with a ``key`` only who brings it is answered. ``wanted`` says what a POST gives."""

    wanted = "give a mood"

    def __init__(self, host: str, port: int, door: type[RegisterDoor], *, key: str = ""):
        self.mood, self.key = "well", key
        super().__init__(host, port, door)

    def take(self, payload: dict[str, Any]) -> None:
        """Change the mood. Raises ValueError."""
        if "mood" in payload:
            self.mood = MOODS[MOODS.index(payload["mood"])]
