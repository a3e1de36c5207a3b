"""A stand-in for PARIVESH as a process of its own: the same calls, and its moods: slow, 504, odd fields, junk.

``POST /simulate`` with ``{"proposal": "SIA/BR/…", "status": "EC Granted", "on": "2026-07-08"}`` moves a
proposal; with ``{"mood": "504"}`` it changes how everything is answered.
"""

import json
import threading
from typing import Any
from urllib.parse import urlsplit

from immis.adapters.simulating import Door, Simulator

MOODS = ("well", "slow", "504", "odd", "junk", "empty")
_SLOW_S = 8.0
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


class _Portal(Door):
    server: "PariveshSimulator"

    def do_GET(self) -> None:
        register, call = self.server.register, urlsplit(self.path).path.removeprefix(_CALLS)
        register.note(call)
        if register.mood == "slow":
            self.server.ended.wait(_SLOW_S)
        if register.mood == "504":
            return self.say(504, b"<html>Gateway Time-out</html>", "text/html")
        if register.mood == "junk":
            return self.say(200, b"<html>maintenance</html>", "text/html")
        body = self._answer(call, self.asked())
        if body is None:
            return self.say(404, b"{}")
        return self.say_json(200, body)

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
        try:
            payload = json.loads(self.body())
            if "mood" in payload:
                self.server.register.mood = MOODS[MOODS.index(payload["mood"])]
            else:
                self.server.register.move(str(payload["proposal"]), str(payload["status"]), str(payload["on"]))
        except (ValueError, KeyError, TypeError):
            return self.say(400, b'{"error": "give proposal, status and on, or a mood"}')
        return self.say(200, b"{}")


class PariveshSimulator(Simulator):
    """The portal on ``host:port`` (0: a free one)."""

    def __init__(self, host: str, port: int):
        self.register = Register()
        super().__init__(host, port, _Portal)
        self.url += "/parivesh_api"
