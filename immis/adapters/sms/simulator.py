"""A stand-in for the operators' side: it takes SMS as C-DAC, NIC and SMPP do, has phones, and misbehaves when told.

``POST /simulate`` with ``{"mood": "lose"}`` changes how it works; ``GET /phones`` shows what the phones received.
"""

import hashlib
import json
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from immis.adapters.simulating import Door, Simulator
from immis.rules.messages.templates import difference

#: well; lose: takes and loses, no report ever; twice: delivers and reports twice; late: reports after a while;
#: silent: takes, delivers and never answers; down: fails before it takes anything; full: asks to come later.
MOODS = ("well", "lose", "twice", "late", "silent", "down", "full")
_LATE_S = 3.0
_SILENT_S = 30.0
_DEAD = "0000"  # numbers that end so are dead
_INDIA = timezone(timedelta(hours=5, minutes=30))


@dataclass(frozen=True)
class Received:
    """One SMS as a phone shows it."""

    phone: str
    header: str
    text: str
    number: str
    via: str


@dataclass
class Taken:
    """One SMS that was taken, with its state and whom to tell."""

    sms: Received
    state: str = "ENROUTE"
    code: str = "000"
    due_s: float = 0.0
    tells: list[Callable[["Taken"], None]] = field(default_factory=list)


class Exchange:
    """What the operators know: registered texts, SMS taken, phones."""

    def __init__(self, *, seed: int | None = None) -> None:
        self.mood, self.registered = "well", dict[str, str]()
        self.taken: dict[str, Taken] = {}
        self.phones: list[Received] = []
        self._dice, self._lock = random.Random(seed), threading.Lock()

    def take(self, sms: Received) -> str:
        """Take an SMS in the present mood; answers its number here."""
        with self._lock:
            gateway_id = f"{self._dice.getrandbits(60):018d}"
            row = self.taken[gateway_id] = Taken(sms)
            row.due_s = time.monotonic() + (_LATE_S if self.mood == "late" else 0.0)
            if self.mood != "lose":
                self._deliver(row)
        return gateway_id

    def _deliver(self, row: Taken) -> None:
        row.state, row.code = self._fate(row.sms)
        if row.state == "DELIVRD":
            self.phones += [row.sms] * (2 if self.mood == "twice" else 1)

    def _fate(self, sms: Received) -> tuple[str, str]:
        """What becomes of an SMS: scrubbed by its registered text, and delivered where the number lives."""
        if self.registered:
            text = self.registered.get(sms.number)
            if text is None:
                return "REJECTD", "630"
            if why := difference(sms.text, text, most=40):
                return "REJECTD", "633" if why == "text" else "635"
        return ("UNDELIV", "027") if sms.phone.endswith(_DEAD) else ("DELIVRD", "000")

    def report(self, gateway_id: str) -> Taken | None:
        """What is told of an SMS now: nothing of one that was lost, or whose report is late."""
        row = self.taken.get(gateway_id)
        return None if row is None or row.state == "ENROUTE" or time.monotonic() < row.due_s else row

    def shown(self) -> list[dict[str, str]]:
        with self._lock:
            return [asdict(row) for row in self.phones]


class _Door(Door):
    server: "SmsSimulator"

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/phones":
            return self.say_json(200, self.server.exchange.shown())
        return self._say(404, "")

    def do_POST(self) -> None:
        body, path = self.body(), urlsplit(self.path).path
        if path == "/simulate":
            return self._told(body)
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        doors = {
            "/esms/sendsmsrequestDLT": self._mobile_seva,
            "/ReportAPI/csvreport": self._csv_report,
            "/failsafe/HttpLink": self._nic,
        }
        door = doors.get(path)
        return door(form) if door else self._say(404, "")

    def _told(self, body: bytes) -> None:
        """Change the mood, or learn texts that were registered: ``{"registered": {number: text}}``."""
        exchange = self.server.exchange
        try:
            payload = json.loads(body)
            exchange.mood = MOODS[MOODS.index(payload.get("mood", exchange.mood))]
            exchange.registered |= {str(key): str(text) for key, text in payload.get("registered", {}).items()}
        except (ValueError, AttributeError):
            return self.say_json(400, {"error": "give a mood, or texts that are registered"})
        return self.say_json(200, {})

    def _is_away(self) -> bool:
        """Whether the mood lets nothing in now."""
        mood = self.server.exchange.mood
        if mood == "down":
            self._say(404, "maintenance")
        return mood == "down"

    def _mobile_seva(self, form: Mapping[str, str]) -> None:
        if self._is_away():
            return None
        if fault := self._seva_fault(form):
            return self._say(200, f"ERROR : {fault}")
        sms = Received(form["mobileno"], form["senderid"], unescape(form["content"]), form["templateid"], "cdac")
        return self._taken(sms, lambda gateway_id: f"402,MsgID = {gateway_id}immis")

    def _seva_fault(self, form: Mapping[str, str]) -> str:
        """What is wrong with a form, in the words of the service."""
        who, expected = self.server, hashlib.sha1(self.server.password.encode(), usedforsecurity=False).hexdigest()
        if form.get("username") != who.user or form.get("password") != expected:
            return "401 Credentials Error, may be invalid username or password"
        if not re.fullmatch(r"[6-9]\d{9}", form.get("mobileno", "")):
            return "406 Invalid mobile number"
        signed = who.user + form.get("senderid", "") + form.get("content", "") + who.key
        if hashlib.sha512(signed.encode()).hexdigest() != form.get("key"):
            return "416 Hash is not matching"
        return "" if form.get("templateid") else "423 Template id is missing"

    def _csv_report(self, form: Mapping[str, str]) -> None:
        row = self.server.exchange.report(form.get("msgid", "").removesuffix("immis"))
        if row is None:
            return self._say(200, "")
        word = "DELIVERED" if row.state == "DELIVRD" else row.state
        return self._say(200, f"91{row.sms.phone},{word},{datetime.now(_INDIA):%Y-%m-%d %H:%M:%S}")

    def _nic(self, form: Mapping[str, str]) -> None:
        if self._is_away():
            return None
        if (form.get("username"), form.get("pin")) != (self.server.user, self.server.password):
            return self._say(200, "Invalid Credentials for Request ID=N/A~code=API003 & info=REJECTED")
        phone, number = form.get("mnumber", "")[-10:], form.get("dlt_template_id", "")
        sms = Received(phone, form.get("signature", ""), form.get("message", ""), number, "nic")
        said = "Message Accepted for Request ID={}~code=API000 & info=Platform accepted & Time =2026/01/01/00/00"
        return self._taken(sms, said.format)

    def _taken(self, sms: Received, answer: Callable[[str], str]) -> None:
        exchange = self.server.exchange
        gateway_id = exchange.take(sms)
        if exchange.mood == "silent":
            self.server.ended.wait(_SILENT_S)
        self._say(200, answer(gateway_id))

    def _say(self, status: int, text: str) -> None:
        self.say(status, text.encode(), "text/plain; charset=utf-8")


class SmsSimulator(Simulator):
    """The operators on ``host:port`` (0: a free one), as C-DAC and NIC; ``simulator_smpp`` is their line of SMPP."""

    def __init__(self, host: str, port: int, *, user: str = "immis", password: str = "secret", key: str = "key"):
        self.exchange = Exchange()
        self.user, self.password, self.key = user, password, key
        super().__init__(host, port, _Door)
