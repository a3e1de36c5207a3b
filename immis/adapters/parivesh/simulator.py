"""A stand-in for PARIVESH as a process of its own: the same calls, and its moods: slow, 504, odd fields, junk.

``POST /simulate`` with ``{"proposal": "SIA/BR/…", "status": "EC Granted", "on": "2026-07-08"}`` moves a
proposal; with ``{"mood": "504"}`` it changes how everything is answered.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOODS = ("well", "slow", "504", "odd", "junk", "empty")
_SLOW_S = 8.0
_MOST_BYTES = 64 * 1024
_CALLS = "/parivesh_api/trackYourProposal/"


class Register:
    """Proposals and their steps, oldest first."""

    def __init__(self) -> None:
        self.steps: dict[str, list[dict[str, str]]] = {}
        self.mood = "well"
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def move(self, number: str, status: str, on: str) -> None:
        with self._lock:
            self.steps.setdefault(number, []).append({"status": status, "on": on})

    def note(self, call: str) -> None:
        with self._lock:
            self.asked.append(call)

    def newest(self, number: str) -> dict[str, Any] | None:
        if not self.steps.get(number):
            return None
        last = self.steps[number][-1]
        if self.mood == "odd":  # as another release of the portal names and nests things
            day = "-".join(reversed(last["on"].split("-")))
            return {"Proposal_No": number, "current_status": {"id": 7, "name": last["status"]}, "updated_on": day,
                    "other_property": {"sector": None}}  # fmt: skip
        return {
            "proposalNo": number,
            "proposalStatus": last["status"],
            "statusDate": last["on"],
            "nameOfUserAgency": "Simulated agency",
        }

    def between(self, first: str, last: str) -> list[dict[str, Any]]:
        numbers = [n for n, steps in self.steps.items() if first <= steps[-1]["on"] <= last]
        return [row for number in numbers if (row := self.newest(number))]


class _Portal(BaseHTTPRequestHandler):
    wbufsize = -1  # an answer goes out in one piece: its body would wait 40 ms for the receipt of its head
    server: "PariveshSimulator"

    def do_GET(self) -> None:
        parts, register = urlsplit(self.path), self.server.register
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        call = parts.path.removeprefix(_CALLS)
        register.note(call)
        if register.mood == "slow":
            self.server.ended.wait(_SLOW_S)
        if register.mood == "504":
            return self._say(504, b"<html>Gateway Time-out</html>", "text/html")
        if register.mood == "junk":
            return self._say(200, b"<html>maintenance</html>", "text/html")
        body = self._answer(call, asked)
        if body is None:
            return self._say(404, b"{}")
        return self._say(200, json.dumps(body).encode())

    def _answer(self, call: str, asked: dict[str, str]) -> Any:
        register, number = self.server.register, asked.get("proposalNo", "")
        if register.mood == "empty":
            return {"data": None, "message": "Success"}
        if call in ("onBasesOfProposalNo", "dataOfProposalNo"):
            row = register.newest(number)
            return {"data": [row] if row else [], "message": "Success"}
        if call == "historyDataOnProposal":
            steps = register.steps.get(number, [])
            return [{"status": step["status"], "date": step["on"], "remarks": ""} for step in steps]
        if call == "advanceSearchData":
            return register.between(asked.get("startDate", ""), asked.get("endDate", "9"))
        if call == "getListOfStatus":
            return sorted({step["status"] for steps in register.steps.values() for step in steps})
        return None

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES)
        try:
            payload = json.loads(self.rfile.read(length))
            if "mood" in payload:
                self.server.register.mood = MOODS[MOODS.index(payload["mood"])]
            else:
                self.server.register.move(str(payload["proposal"]), str(payload["status"]), str(payload["on"]))
        except (ValueError, KeyError, TypeError):
            return self._say(400, b'{"error": "give proposal, status and on, or a mood"}')
        return self._say(200, b"{}")

    def _say(self, status: int, body: bytes, kind: str = "application/json") -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):  # who asked has given up
            pass

    def log_message(self, format: str, *args: Any) -> None:
        pass


class PariveshSimulator(ThreadingHTTPServer):
    """The portal on ``host:port`` (0: a free one)."""

    daemon_threads = True

    def __init__(self, host: str, port: int):
        self.register, self.ended = Register(), threading.Event()
        super().__init__((host, port), _Portal)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/parivesh_api"

    def server_close(self) -> None:
        self.ended.set()
        super().server_close()
