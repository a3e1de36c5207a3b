"""The sixteen attacks of the audit of October 2026, tried again on a running demonstration.

Start ``make demo`` in one window; in another, as soon as its first page answers:
``.venv/bin/python tools/attack.py`` (``IMMIS_DATA`` as the demonstration has it). Each attack prints what it asked,
what came back, and whether that was words or harm; the exit status is the number of those that did harm.
Only for a demonstration on this machine: it uses the demonstration's log-ins.
"""

import argparse
import os
import re
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from immis import clock, setup_django
from immis.adapters import over_http
from immis.gateway.protocols.encode import Report, encode_position

setup_django()
from immis.commands.demo.people import Person, Stuck, forms_of  # noqa: E402  reads models

ATTACKS: dict[str, Callable[["Site"], "Answer"]] = {}
FIRST_INSTANT = "2026-05-12T10:00:00+05:30;1"
INVENTED_IMEI = 866_000_000_000_000


@dataclass
class Answer:
    """What was asked, what came back, and whether harm was done."""

    asked: str
    came: str
    harm: bool


@dataclass
class Site:
    """The demonstration that is attacked."""

    url: str
    data: Path

    def person(self, username: str) -> Person:
        """A person of the demonstration, signed in by one click."""
        person = Person(self.url, username)
        page = person.open("/login")
        person.send(page, lambda form: form.action.endswith("/login/demo"), {"username": username})
        return person

    def visitor(self, **more: object) -> httpx.Client:
        return over_http.client(base_url=self.url, follow_redirects=True, timeout=30, **more)

    @property
    def gateway(self) -> tuple[str, int]:
        """Where devices report, out of the environment of this machine's processes."""
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                parts = path.read_text(errors="replace").split("\0")
            except OSError:
                continue
            env = dict(part.split("=", 1) for part in parts if "=" in part)
            if Path(env.get("IMMIS_DATA", "/")).resolve() == self.data.resolve() and "IMMIS_GATEWAY_LISTEN" in env:
                host, _, port = env["IMMIS_GATEWAY_LISTEN"].rpartition(":")
                return host, int(port)
        raise SystemExit("no gateway of this demonstration is running")

    @property
    def now(self) -> datetime:
        """The demonstration's clock."""
        os.environ["IMMIS_CLOCK"] = FIRST_INSTANT  # the file beside the data says how it went on
        return clock.now()

    def count(self, table: str, where: str = "1") -> int:
        """Rows of a table, read beside the running processes."""
        with closing(sqlite3.connect(f"file:{self.data / 'immis.sqlite3'}?mode=ro", uri=True)) as db:
            return int(db.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])


def attack(name: str) -> Callable[[Callable[[Site], Answer]], Callable[[Site], Answer]]:
    def keep(function: Callable[[Site], Answer]) -> Callable[[Site], Answer]:
        ATTACKS[name] = function
        return function

    return keep


# ---------------------------------------------------------------- what is sent


def form_tree(depth: int) -> bytes:
    """A PDF whose form fields name the next field twice, so that a walk doubles with each level."""
    head = b"%PDF-1.7\n%/ByteRange: whoever looks for a signature begins to read\n"
    parts = [
        b"1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[10 0 R]>>>>endobj\n",
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\n",
    ]
    for n in range(10, 10 + depth):
        parts.append(b"%d 0 obj<</T(f)/Kids[%d 0 R %d 0 R]>>endobj\n" % (n, n + 1, n + 1))
    parts.append(b"%d 0 obj<</FT/Sig/T(s)>>endobj\n" % (10 + depth))
    numbers = [1, 2, 3, *range(10, 11 + depth)]
    body, places = head, {}
    for number, part in zip(numbers, parts, strict=True):
        places[number] = len(body)
        body += part
    size = max(numbers) + 1
    table = b"xref\n0 %d\n" % size
    table += b"0000000000 65535 f \n"
    for number in range(1, size):
        table += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
    return body + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))


def tamper_frame(imei: int, at: datetime) -> bytes:
    """A frame that says its device's cover was opened."""
    report = Report(
        imei=str(imei), vehicle="BR08G1007", at=at, lat=25.2827, lon=86.6104, alert=9, cover="O", frame_no=7
    )
    return encode_position(report)


# ---------------------------------------------------------------- the attacks


@attack("1 a paper that is a maze")
def maze(site: Site) -> Answer:
    person, lot = _applicant(site)
    paper = form_tree(60)
    waits: list[float] = []
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(site, waits, over))
    watcher.start()
    begun = time.monotonic()
    try:
        page = person.open(f"/bidder/lots/{lot}/")
        form = next(form for form in forms_of(page.text) if form.fields.get("act") == "papers")
        came = person.send(
            page,
            lambda form: form.fields.get("act") == "papers",
            files={form.files[0]: ("paper.pdf", paper, "application/pdf")},
            lawful=False,
        )
        words = _message(came.text)
        answer = f"{came.status_code} after {time.monotonic() - begun:.1f} s: {words}"
    except httpx.TimeoutException:
        answer = "no answer within 30 s"
    over.set()
    watcher.join()
    slow = max(waits, default=0.0)
    writes = _can_write(site)
    harm = answer.startswith("no answer") or slow > 2 or not writes
    asked = f"POST /bidder/lots/{lot}/ with a PDF of {len(paper):,} bytes, 60 levels"
    return Answer(asked, f"{answer}; /healthz at most {slow * 1000:.0f} ms; others can write: {writes}", harm)


def _applicant(site: Site) -> tuple[Person, str]:
    """A bidder with a lot whose papers can be handed in now; waits for the season to come so far."""
    until = time.monotonic() + 240
    while time.monotonic() < until:
        try:
            person = site.person("rishikund")
            for lot in (lot["code"] for lot in person.open("/api/v1/lots").json()):
                page = person.http.get(f"/bidder/lots/{lot}/")
                if any(form.fields.get("act") == "papers" for form in forms_of(page.text)):
                    return person, lot
        except (Stuck, httpx.HTTPError):
            pass
        time.sleep(0.3)
    raise SystemExit("no lot takes papers now: start this beside a demonstration that has just begun")


def _watch(site: Site, waits: list[float], over: threading.Event) -> None:
    with site.visitor() as client:
        while not over.is_set():
            begun = time.monotonic()
            try:
                client.get("/healthz")
            except httpx.HTTPError:
                pass
            waits.append(time.monotonic() - begun)
            time.sleep(0.05)


def _can_write(site: Site) -> bool:
    """Whether another person can log in: that takes the one write lock of SQLite."""
    try:
        site.person("kharagpur")
    except (Stuck, httpx.HTTPError):
        return False
    return True


def _message(html: str) -> str:
    found = re.search(r'class="[^"]*(?:message|error|alert|notice)[^"]*"[^>]*>(.*?)</', html, re.S)
    return re.sub(r"<[^>]+>|\s+", " ", found.group(1)).strip()[:160] if found else re.sub(r"\s+", " ", html)[:0]


@attack("2 a hundred invented devices that cry tamper")
def invented(site: Site) -> Answer:
    before = site.count("enforcement_case"), site.count("enforcement_task")
    now = site.now
    for n in range(100):
        with socket.create_connection(site.gateway, timeout=5) as link:
            link.sendall(tamper_frame(INVENTED_IMEI + 13 * n, now))
    time.sleep(12)
    cases = site.count("enforcement_case") - before[0]
    tasks = site.count("enforcement_task") - before[1]
    asked = "100 connections, one frame each: tamper alert of an IMEI that nobody fitted"
    return Answer(asked, f"{cases} cases and {tasks} tasks more", cases > 0 or tasks > 1)


@attack("3 a text that looks like a date")
def dated(site: Site) -> Answer:
    text = "2026-10-16 10:00 the river is too high"
    came = _surrender_with(site, text)
    time.sleep(5)  # until the worker has made a task of it
    statuses = {who: site.person(who).http.get("/office/").status_code for who in ("mdo", "collector", "hq")}
    harm = any(status >= 500 for status in statuses.values())
    return Answer(f"POST /settlee/leases/…/life/: “{text}”", f"{came}; /office/ answers {statuses}", harm)


def _surrender_with(site: Site, text: str) -> str:
    """A settlee asks to give his settlement up, with a reason of his own."""
    person = site.person("kaushiki")
    leases = re.findall(r'href="/settlee/leases/([\w-]+)/', person.open("/settlee/").text)
    page = person.open(f"/settlee/leases/{leases[0]}/life/")
    fields = {"act": "surrender", "reason": text, "sure": "on"}
    came = person.send(page, lambda form: "sure" in form.choices, fields, lawful=False)
    return f"{came.status_code} {came.url.path}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--only", default="", help="numbers, separated by commas")
    given = parser.parse_args()
    site, wanted = Site(given.url, clock.data_dir()), {int(n) for n in given.only.split(",") if n}
    harm = 0
    for name, run in ATTACKS.items():
        if wanted and int(name.split()[0]) not in wanted:
            continue
        answer = run(site)
        harm += answer.harm
        print(
            f"{'HARM ' if answer.harm else 'words'} {name}\n      > {answer.asked}\n      < {answer.came}", flush=True
        )
    return harm


if __name__ == "__main__":
    sys.exit(main())
