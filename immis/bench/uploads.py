"""``immis bench uploads``: hostile files handed in at once, and how long ``/healthz`` takes meanwhile."""

import http.client
import json
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from immis.bench import hostile
from immis.bench.auction import database, installation, percentile
from immis.rules.policy import book

_AT_ONCE = 20
_TOKEN = "c" * 32
_CLOCK = "2026-05-20T10:00:00+05:30;1"
_SEED = "from immis import setup_django; setup_django(); from immis.bench import uploads; uploads.seed()"
_PARTICULARS = {
    "signatory": "Bench", "father_name": "Bench", "correspondence_address": "Munger", "permanent_address": "Munger",
    "mobile": "9000000001", "email": "bench@example.org", "citizen": True, "aadhaar": "2341 2341 2346",
    "dsc_serial": "3F1A77", "dsc_class": 3, "dsc_issuer": "Example CA",
}  # fmt: skip


def seed() -> None:
    """A notice, a bidder with an application, an officer; prints the lot and their sessions (in the installation)."""
    from immis import clock
    from immis.adapters.notices import SAMPLES, read_notice
    from immis.auctions import services
    from immis.bench.auction_world import session_of
    from immis.core.access.permissions import SYSTEM
    from immis.registry import services as registry
    from immis.registry.selectors import actor_of
    from immis.rules.auctions.clauses import no_claim_clauses
    from immis.rules.policy import book

    at, source = clock.now(), (SAMPLES / "munger_2026.txt").read_bytes()
    notice = services.import_notice(
        facts=read_notice(source), findings=[], source=source, filename="munger.txt", by=SYSTEM, at=at
    )
    user = registry.add_user(username="bench", name_en="Bench", name_hi="Bench")
    party = registry.add_party(
        party=registry.NewParty(
            code="bench",
            kind="proprietor",
            name_en="Bench",
            name_hi="Bench",
            pan="ABCPE1234F",
            email="bench@example.org",
            bank_account="31415920001",
        ),
        users=[user],
    )
    particulars = {**_PARTICULARS, "dsc_valid_until": datetime(2027, 12, 31, tzinfo=UTC).date()}
    who: dict[str, Any] = {"by": actor_of(user), "at": at}
    bidder = services.register_bidder(party=party, accept_terms=True, particulars=particulars, **who)
    lot = notice.lots.order_by("serial").first()
    assert lot is not None
    accepted = [row["key"] for row in no_claim_clauses(book(), lot.opens_at)]
    form = {"bank_account": "31415920001", "turnover_rupees": [90_000_000] * 3, "accepted": accepted}
    services.apply_for_lot(lot=lot, bidder=bidder, form=form, **who)
    office = registry.open_office(code="munger", kind="district", name_en="M", name_hi="M", district="Munger")
    officer = registry.add_user(username="officer", name_en="Officer", name_hi="Officer")
    registry.appoint(user=officer, office=office, role="district")
    sys.stdout.write(json.dumps({"lot": lot.code, "bidder": session_of(user), "officer": session_of(officer)}))


@dataclass(frozen=True)
class Upload:
    """One file on its way: who sends it where, in which field."""

    path: str
    session: str
    fields: dict[str, str]
    name: str
    made: Callable[[], bytes]

    def body(self, boundary: str) -> bytes:
        """The form as browsers send it."""
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in self.fields.items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{self.name}"; filename="a.bin"\r\n\r\n'
        return b"".join([*parts, head.encode(), self.made(), f"\r\n--{boundary}--\r\n".encode()])


def _uploads(seeded: dict[str, str]) -> list[Upload]:
    """Twenty hostile files, as bidder and as officer."""
    lot = f"/bidder/lots/{quote(seeded['lot'])}/"
    paper = [hostile.tangled_pdf, hostile.looped_pages_pdf, hostile.huge_png]
    table = [hostile.zip_bomb, hostile.wide_workbook, hostile.nested_workbook, hostile.laughing_workbook]
    fences = {"valid_from": "2026-05-20", "reason": "x", "reference": "1"}
    letter = book().value("AUC-14", datetime.fromisoformat(_CLOCK.partition(";")[0]))["documents"][0]["letter"]
    each = [Upload(lot, seeded["bidder"], {"act": "papers"}, letter, made) for made in paper]
    each += [Upload("/office/notices/", seeded["officer"], {}, "file", made) for made in table]
    each += [Upload("/fences/import/", seeded["officer"], fences, "file", hostile.deep_json)]
    return [each[number % len(each)] for number in range(_AT_ONCE)]


def run(rounds: int = 3, kinds: tuple[str, ...] = ("sqlite", "postgresql")) -> dict[str, Any]:
    """Hand the corpus in, twenty at once; the figure is the worse 99th percentile of ``/healthz`` meanwhile, in ms."""
    parts = [_in_own_process(kind, rounds) for kind in kinds]
    told = [
        f"{part['database']}: p99 {part['p99_ms']:.0f} ms, median {part['median_ms']:.0f}, slowest "
        f"{part['slowest_ms']:.0f}, answers {part['statuses']}, children left {part['left']}"
        for part in parts
    ]
    return {
        "name": "uploads",
        "figure": round(max(part["p99_ms"] for part in parts)),
        "unit": "ms p99 of /healthz",
        "conditions": "; ".join([f"{_AT_ONCE} hostile uploads at once, {rounds} times", *told]),
        "parts": parts,
    }


def _in_own_process(kind: str, rounds: int) -> dict[str, Any]:
    words = f"import json; from immis.bench import uploads; print(json.dumps(uploads.on({kind!r}, {rounds})))"
    ran = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(ran.stderr.strip().splitlines()[-1])
    part: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return part


def on(kind: str, rounds: int) -> dict[str, Any]:
    """One installation on a fresh database of this kind, and what it answered; once a process."""
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        env |= {"IMMIS_CLOCK": _CLOCK, "IMMIS_NO_SECOND_FACTOR": "1"}
        ran = subprocess.run([sys.executable, "-c", _SEED], env=env, check=True, stdout=subprocess.PIPE)
        uploads = _uploads(json.loads(ran.stdout))
        with installation(env) as supervisor:
            statuses, waits = _measure(supervisor.listen, uploads, rounds)
            time.sleep(0.5)
            left = _children_left()
    return {
        "database": kind,
        "p99_ms": percentile(waits, 0.99),
        "median_ms": percentile(waits, 0.5),
        "slowest_ms": max(waits),
        "asked": len(waits),
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "left": left,
    }


def _measure(listen: str, uploads: list[Upload], rounds: int) -> tuple[Counter[int], list[float]]:
    statuses: Counter[int] = Counter()
    waits: list[float] = []
    boundary = secrets.token_hex(8)
    bodies = [upload.body(boundary) for upload in uploads]

    def hand_in(upload: Upload, body: bytes) -> None:
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}", "X-CSRFToken": _TOKEN,
            "Cookie": f"sessionid={upload.session}; csrftoken={_TOKEN}",
        }  # fmt: skip
        for _ in range(rounds):
            statuses[_ask(listen, "POST", upload.path, body, headers)] += 1

    threads = [threading.Thread(target=hand_in, args=pair) for pair in zip(uploads, bodies, strict=True)]
    _ask(listen, "GET", "/healthz")
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        begun = time.perf_counter()
        if _ask(listen, "GET", "/healthz") != 200:
            raise RuntimeError("/healthz did not answer 200")
        waits.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.01)
    return statuses, waits


def _ask(listen: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> int:
    line = http.client.HTTPConnection(listen, timeout=120)
    try:
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        answer.read()
        return answer.status
    finally:
        line.close()


def _children_left() -> int:
    """How many reading children this machine has, corpses of ours included."""
    import psutil

    own = [*psutil.Process().children(recursive=True)]
    return sum("immis.adapters.reading.child" in " ".join(_argv(row)) or _is_corpse(row) for row in own)


def _argv(process: Any) -> list[str]:
    import psutil

    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _is_corpse(process: Any) -> bool:
    import psutil

    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
