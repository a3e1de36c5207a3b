"""Junk at every door of a running season: refused in words, nothing breaks, nothing changes.

It stands on a copy of what the demo left, where everything exists: lots, settlements, demands, challans,
trips, tasks and a case. There forms, addresses, API, uploads and sockets get what no honest person sends.
"""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urljoin

import httpx
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from immis.commands.demo.people import Form, Person, anybody, forms_of

pytestmark = pytest.mark.processes

ROLES = ("", "gangotri", "mdo", "collector", "hq", "monitoring", "checkpost")
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
HUGE = "क" * 60_000
JUNK = {
    "sql": "1' OR '1'='1'; DROP TABLE leases_lease; --",
    "script": "<script>alert(1)</script>{{7*7}}{%x%}",
    "control": "\x00\x07\ufeff\u202e",
    "number": "-99999999999999999999999999e999",
    "huge": HUGE,
    "empty": "",
}
PATHS = ("%27%20OR%201%3D1--", "%FF%FE", "%00", "9" * 25, "..%2F..%2Fkeys%2Fdjango.key", "x" * 3000)


class Ground:
    """The season that junk is thrown at, its people signed in."""

    def __init__(self, season: Any):
        self.season = season
        self.people = {name: self._person(name) if name else anybody(season.url) for name in ROLES}

    def _person(self, name: str) -> Person:
        return Person(self.season.url, self.season.user_ids.get(name, name)).login()

    def http(self, name: str) -> httpx.Client:
        one = self.people[name]
        return one.http if isinstance(one, Person) else one


@pytest.fixture(scope="module")
def ground(kept_season) -> Iterator[Ground]:
    for word in ("clock", "hush", "settle"):
        kept_season.do(word)
    made = Ground(kept_season)
    yield made
    whole = kept_season.do("counts")
    for name in ROLES:
        made.http(name).close()
    assert whole["ledger_balanced"] and whole["log_verified"]


#: What junk is meant to bring about: a forged notice of a payment, or one of a payment unknown, lies on the desk.
MEANT = ("TRG-116", "TRG-117")


#: What no junk may change, as the records have it.
COUNTS = (
    "SELECT 'ghats', count(*) FROM registry_block",
    "SELECT result, count(*) FROM auctions_lot GROUP BY result",
    "SELECT 'letters and deeds', count(loi_on) + count(deed_on) FROM leases_lease",
    "SELECT 'verified', count(*) FROM ledger_receipt WHERE state IN ('verified', 'reconciled')",
    "SELECT 'entries', count(*) FROM ledger_journalentry",
    "SELECT 'challans', count(*) FROM challans_challan",
    "SELECT 'trips', count(ended_at) FROM tracking_trip",
    "SELECT 'holds', count(*) + count(ended_at) FROM holds_holdspell",
    "SELECT trigger_code, count(*) FROM enforcement_outcome WHERE consequences <> '[]' GROUP BY trigger_code",
)


def counts(ground: Ground) -> dict[str, int]:
    """The counts of the season, but for the tasks that a forged notice of a payment is meant to raise."""
    rows = [row for question in COUNTS for row in ground.season.rows(question)]
    return {str(name): n for name, n in rows if name not in MEANT}


@pytest.fixture(autouse=True)
def unharmed(ground) -> Iterator[None]:
    """Whatever a test throws: the counts of the season stay, all processes answer, no traceback is in their lines."""
    before, told = counts(ground), ground.season.log.stat().st_size
    yield
    assert counts(ground) == before
    assert ground.http("").get("/readyz").status_code == 200
    lines = ground.season.log.read_bytes()[told:].decode("utf8", "replace").splitlines()
    assert not [line for line in lines if "Internal Server Error" in line]
    assert not [line for line in lines if "Traceback" in line and not line.startswith("web ")]


def in_words(answer: httpx.Response, *, english: bool = False) -> None:
    """An answer that refuses says so to the reader, in the reader's language, without the program's inside."""
    assert answer.status_code < 500, (answer.status_code, str(answer.url)[:300], answer.text[:300])
    text = answer.text
    assert "Traceback" not in text and "site-packages" not in text, str(answer.url)[:300]
    if answer.status_code < 400:
        return
    if "json" in answer.headers["content-type"]:
        assert answer.json(), str(answer.url)[:300]
        return
    lang = "en" if english else "hi"
    assert f'lang="{lang}"' in text, (answer.status_code, str(answer.url)[:300], text[:300])
    assert english or DEVANAGARI.search(text), str(answer.url)[:300]


# -- addresses


def patterns(found: Any = None, prefix: str = "") -> Iterator[str]:
    """Every address of the pages that takes a value, with ``{}`` where the value stands."""
    for one in get_resolver().url_patterns if found is None else found:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            if not one.namespace:
                yield from patterns(one.url_patterns, route)
        elif isinstance(one, URLPattern) and ("<" in route or "(" in route):
            plain = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "{}", route.replace("^", "").replace("$", ""))
            yield re.sub(r"<[^>]+>", "{}", plain)


@pytest.mark.parametrize("name", ["", "gangotri", "mdo"])
def test_unknown_codes_in_addresses(ground, name):
    tried = 0
    for route in patterns():
        for junk in PATHS:
            answer = ground.http(name).get("/" + route.replace("{}", junk), follow_redirects=False)
            in_words(answer)
            assert answer.status_code in {200, 302, 400, 401, 403, 404, 405, 414}, (answer.status_code, route, junk)
            tried += 1
    assert tried > 150


def test_junk_in_the_filters_of_every_list(ground):
    lists = {
        "": ["/", "/auctions/", "/verify", "/law/", "/login"],
        "mdo": ["/office/", "/office/leases/", "/office/payments/", "/office/challans/", "/office/cases/",
                "/office/map/", "/office/auctions/", "/office/map/vehicles.json", "/office/map/BR08G1007/"],
        "gangotri": ["/settlee/challans/", "/bidder/", "/messages/"],
        "hq": ["/log/"],
    }  # fmt: skip
    names = (
        "q",
        "state",
        "page",
        "format",
        "code",
        "due",
        "ghat",
        "hours",
        "from",
        "to",
        "lease",
        "year",
        "next",
        "district",
    )
    for name, paths in lists.items():
        for path in paths:
            for junk in ("%FF%FE%00", quote(JUNK["sql"]), "-1", "9" * 30, quote(JUNK["script"])):
                answer = ground.http(name).get(f"{path}?" + "&".join(f"{one}={junk}" for one in names))
                in_words(answer)
                assert "<script>alert" not in answer.text


def test_words_are_in_the_language_of_the_reader(ground):
    with httpx.Client(base_url=ground.season.url, cookies={"immis_language": "en"}) as english:
        for path in ("/ghats/nowhere/", "/law/NOTHING/", "/auctions/none/", "/data/none.json"):
            answer = english.get(path)
            assert answer.status_code == 404
            in_words(answer, english=True)
            assert "404" in answer.text or "not" in answer.text.lower()
    answer = ground.http("").get("/ghats/nowhere/")
    assert answer.status_code == 404 and "पृष्ठ" in answer.text


def raw(ground: Ground, request: bytes) -> bytes:
    """The first bytes that the front answers to a request as it stands."""
    host, port = ground.season.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(request)
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
    return answer


def test_no_way_out_of_the_open_data(ground):
    secrets = [path.read_bytes()[:24] for path in (ground.season.data / "keys").glob("*.*") if path.stat().st_size]
    assert len(secrets) >= 2
    for path in ("/data/../keys/django.key", "/data/%2e%2e/keys/django.key", "/data/..%2fkeys%2fdjango.key",
                 "/data/..%5ckeys%5cdjango.key", "/data//etc/passwd", "/data/%2fetc%2fpasswd",
                 "/data/....//immis.sqlite3", "/data/%00", "/data/auctions/../../immis.sqlite3",
                 "/static/../../settings.py", "/static/..%2f..%2fsettings.py", "/data/auctions/", "/data/.",
                 "/data/%c0%ae%c0%ae/immis.sqlite3"):  # fmt: skip
        answer = raw(ground, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        status = int(answer.split(b" ", 2)[1])
        assert 400 <= status < 500, (path, answer[:200])
        assert (
            not any(secret in answer for secret in secrets)
            and b"root:" not in answer
            and b"SQLite format" not in answer
        )


def test_broken_http(ground):
    for request in (
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"BLAH / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Junk: " + b"j" * 70_000 + b"\r\n\r\n",
        b"POST /verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\nConnection: close\r\n\r\n",
    ):
        answer = raw(ground, request)
        assert re.match(rb"HTTP/1\.\d 4\d\d ", answer), (request[:60], answer[:200])
        assert b"Traceback" not in answer


# -- forms


def told(form: Form) -> bool:
    """Whether a person writes or chooses something in the form; others only press a button that stands there."""
    hidden = {"csrfmiddlewaretoken", "next", "act", "key", "expected", "bid"}
    return bool(set(form.fields) - hidden or set(form.choices) - hidden or form.files)


def pages_with_forms(ground: Ground) -> Iterator[tuple[str, str]]:
    """(person, address) of the pages that take input, with the records of this season."""
    office = ground.http("mdo")
    lease = next(one for one in office.get("/api/v1/leases").json() if one["block"] == "MUN-2026-01")["code"]
    number = ground.http("gangotri").get("/api/v1/challans").json()[0]["number"]
    tasks = re.findall(r'href="(/office/tasks/\d+/)"', office.get("/office/").text)
    cases = re.findall(r'href="(/office/cases/[^/"]+/)"', office.get("/office/cases/").text)
    assert tasks and cases
    yield from (("", path) for path in ("/login", "/verify", "/"))
    yield from (("gangotri", path) for path in ("/bidder/", "/bidder/lots/MUN-2026-01/", "/auctions/MUN-2026-01/",
                f"/challans/{number}/", f"/settlee/leases/{lease}/", f"/settlee/leases/{lease}/challans/new/"
                ))  # fmt: skip
    yield from (("mdo", path) for path in ("/office/notices/", f"/office/leases/{lease}/", tasks[0], cases[0],
                "/office/auctions/MUN-2026-01/", "/office/payments/"))  # fmt: skip
    yield "checkpost", "/checkpost/"


@pytest.mark.parametrize("kind", JUNK)
def test_junk_in_every_form(ground, kind):
    sent = 0
    for name, path in pages_with_forms(ground):
        http = ground.http(name)
        page = http.get(path)
        for form in forms_of(page.text):
            if not told(form) or form.action.endswith(("/logout", "/login/demo")):
                continue
            if form.action.endswith("/drop") and kind in ("sql", "script", "number"):
                continue  # any words are a reason
            fields = dict.fromkeys({**form.fields, **form.choices, **dict(form.buttons)}, JUNK[kind])
            if path == "/checkpost/":
                fields["q"] = JUNK[kind].strip() and "\x00"  # a check of anything readable is recorded, as it should be
            if token := form.fields.get("csrfmiddlewaretoken"):
                fields["csrfmiddlewaretoken"] = token
            target, headers = urljoin(str(page.url), form.action or str(page.url)), {"Referer": str(page.url)}
            if form.method == "get":
                answer = http.get(target, params={key: value[:2000] for key, value in fields.items()}, headers=headers)
            else:
                answer = http.post(target, data=fields, headers=headers)
            in_words(answer)
            assert "<script>alert" not in answer.text, (path, form.action)
            sent += 1
    assert sent >= 8


def test_junk_posted_where_only_acts_are_known(ground):
    office, lot = ground.http("mdo"), "/auctions/MUN-2026-01/bid"
    receipt = re.search(r'href="(/office/payments/[^"/?]+/)"', office.get("/office/payments/?state=verified").text)
    task = re.search(r'href="(/office/tasks/\d+/)"', office.get("/office/").text)
    case = re.search(r'href="(/office/cases/[^/"]+/)"', office.get("/office/cases/").text)
    assert receipt and task and case
    doors = {
        "mdo": ["/office/leases/MUN-2026-01/", receipt[1], "/office/auctions/MUN-2026-01/",
                f"{task[1]}decide", f"{case[1]}order", f"{case[1]}reply"],
        "gangotri": ["/bidder/lots/MUN-2026-01/", lot, "/auctions/MUN-2026-02/bid", "/auctions/none/bid",
                     "/settlee/leases/MUN-2026-01/challans/new/", "/settlee/leases/MUN-2026-13/challans/new/"],
        "": ["/login/demo", "/login"],
    }  # fmt: skip
    names = ("act", "on", "reference", "quantity_m3", "number", "bid", "verdict", "reasons", "decision", "note",
             "amount", "steps", "key", "expected", "username")  # fmt: skip
    taken = []
    for name, paths in doors.items():
        http = ground.http(name)
        page = http.get("/auctions/")
        http.get("/login")  # whoever is not signed in gets his token here
        for path in paths:
            for junk in (*(JUNK[kind] for kind in ("sql", "number", "huge")), "-1", "NaN", "٣"):
                fields = {**dict.fromkeys(names, junk), "csrfmiddlewaretoken": http.cookies["csrftoken"]}
                answer = http.post(path, data=fields, headers={"Referer": str(page.url)})
                in_words(answer)
                told = re.search(r'<ul class="flash"[^>]*>\s*<li class="error', answer.text)
                if answer.status_code < 400 and not told:
                    taken.append((path, junk[:20], answer.status_code))
    assert not taken


def test_nobody_is_sent_to_another_site(ground):
    with httpx.Client(base_url=ground.season.url) as http:
        page = http.get("/login")
        for away in ("https://evil.example/", "//evil.example/", "/\\\\evil.example", "javascript:alert(1)"):
            token = next(token for form in forms_of(page.text) if (token := form.fields.get("csrfmiddlewaretoken")))
            fields = {"csrfmiddlewaretoken": token, "username": "hq", "next": away}
            for answer in (
                http.get("/language", params={"to": "hi", "next": away}),
                http.post("/login/demo", data=fields, headers={"Referer": str(page.url)}),
            ):
                assert answer.status_code == 302, answer.text[:200]
                assert re.match(r"/(?![/\\\\])", answer.headers["location"]), (away, answer.headers["location"])
            page = http.get("/help/")


def test_bodies_that_are_no_form(ground):
    http = ground.http("gangotri")
    page = http.get("/settlee/challans/")
    token = http.cookies["csrftoken"]
    headers = {"Referer": str(page.url), "X-CSRFToken": token}
    for path in ("/verify", "/auctions/MUN-2026-01/bid", "/language", "/treasury/notify", "/login"):
        for kind, body in (
            ("application/x-www-form-urlencoded", b"q=%FF%FE&q=\xff\xfe\x00&steps=\x80"),
            ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="q"\r\n\r\nno end'),
            ("multipart/form-data", b"no boundary"),
            ("application/json", b'{"q": ' + b"[" * 5000),
            ("text/plain; charset=utf-99", b"\x00" * 1000),
        ):
            answer = http.post(path, content=body, headers={**headers, "Content-Type": kind})
            in_words(answer)
    many = "&".join(f"f{n}=1" for n in range(3000)).encode()
    answer = http.post(
        "/verify", content=many, headers={**headers, "Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 400
    in_words(answer)


def test_a_body_that_is_too_large_is_refused_in_words(ground):
    answer = ground.http("").post("/verify", content=b"q=" + b"9" * (13 * 1024 * 1024))
    assert answer.status_code == 413
    in_words(answer)


def test_uploads_that_are_no_papers(ground):
    http = ground.http("mdo")
    page = http.get("/office/notices/")
    form = next(form for form in forms_of(page.text) if form.files)
    zeros = b"PK\x03\x04" + b"\x00" * 200_000
    for filename, content in (
        ("notice.txt", b"\xff\xfe\x00\x01" * 5000),
        ("notice.xlsx", zeros),
        ("notice.csv", b"\x00,\x00\n" * 100),
        ("../../etc/passwd", b"no notice"),
        ("notice.pdf", b"%PDF-1.4 junk"),
        ("notice.txt", b""),
    ):
        files = {"file": (filename, content, "application/octet-stream")}
        fields = {"csrfmiddlewaretoken": form.fields["csrfmiddlewaretoken"]}
        answer = http.post("/office/notices/", data=fields, files=files, headers={"Referer": str(page.url)})
        assert 400 <= answer.status_code < 500, (filename, answer.status_code)
        in_words(answer)


# -- API


def patiently(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer once the front lets this address through again; the tests of this file ask much at once."""
    until = time.monotonic() + 120
    while (answer := ask()).status_code == 429 and time.monotonic() < until:
        time.sleep(2)
    return answer


def operations(ground: Ground) -> Iterator[tuple[str, str, dict[str, Any]]]:
    described = patiently(lambda: ground.http("").get("/api/v1/openapi.json")).json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def one_act_a_noun(operations: Iterator[tuple[str, str, dict[str, Any]]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """All calls, but of the acts of one noun the first: they are one view, and the walk of acts sends each of them."""
    known = set()
    for method, path, operation in operations:
        noun = path.partition("/acts/")[0]
        if "/acts/" not in path or (method, noun) not in known:
            yield method, path, operation
        if "/acts/" in path:
            known.add((method, noun))


_ODD_NUMBERS = ("MUN-2026-01", quote(JUNK["sql"]), "%FF")
_ODD_BODIES = (b"{}", b"[1,2", b'{"steps":"x","key":7,"lease":[],"quantity_m3":"NaN"}', b"\xff\xfe")


def _unhurried(http: httpx.Client, method: str, address: str, **content: Any) -> httpx.Response:
    """The answer; who asks too fast is told so in words, and asks again."""
    while (answer := http.request(method, address, **content)).status_code == 429:
        in_words(answer)
        time.sleep(0.5)
    return answer


def test_every_endpoint_of_the_api_with_every_role(ground):
    seen, described = 0, list(one_act_a_noun(operations(ground)))
    for name in ROLES:
        http = ground.http(name)
        token = {"X-CSRFToken": http.cookies.get("csrftoken", ""), "Referer": ground.season.url + "/"}
        for method, path, operation in described:
            values, bodies = _ODD_NUMBERS, _ODD_BODIES
            if "/acts/" in path:  # an act that needs no field would lawfully be done
                values, bodies = values[1:2], bodies[:2]
            for value in values:
                address = re.sub(r"\{\w+\}", value, path)
                for body in bodies if method != "get" else (b"",):
                    content = {"content": body, "headers": {**token, "Content-Type": "application/json"}}
                    answer = _unhurried(http, method, address, **(content if method != "get" else {}))
                    in_words(answer)
                    if operation.get("security") and not name:
                        assert answer.status_code in {401, 403}, (method, path, answer.status_code)
                    seen += 1
    assert seen >= 7 * 10


def test_the_api_says_in_both_languages_what_is_wrong(ground):
    http = ground.http("gangotri")
    headers = {"X-CSRFToken": http.cookies["csrftoken"], "Referer": ground.season.url + "/"}
    good = {
        "lease": "MUN-2026-01",
        "vehicle": "BR08G1007",
        "place": "bariyarpur",
        "driver_name": "क",
        "quantity_m3": "1",
    }
    for wrong in (
        {"quantity_m3": "NaN"}, {"quantity_m3": "-1"}, {"quantity_m3": "1e99"}, {"quantity_m3": "0"}, {"place": "नहीं"},
        {"vehicle": "XX"}, {"driver_name": "\x00"}, {"lease": "MUN-2026-13"}, {"driver_name": "न" * 5000},
        {"vehicle": HUGE},
    ):  # fmt: skip
        answer = http.post("/api/v1/challans", json={**good, **wrong}, headers=headers)
        assert 400 <= answer.status_code < 500, (wrong, answer.text[:300])
        said = json.dumps(answer.json(), ensure_ascii=False)
        assert '"hi"' in said and '"en"' in said and DEVANAGARI.search(said), (str(wrong)[:80], said[:300])
    for body in (
        {"steps": -1, "key": "a"},
        {"steps": 10**30, "key": "b"},
        {"steps": 1, "key": ""},
        {"steps": 1, "key": HUGE},
    ):
        answer = http.post("/api/v1/lots/MUN-2026-01/bids", json=body, headers=headers)
        assert 400 <= answer.status_code < 500, (str(body)[:80], answer.text[:300])


def test_a_notice_that_the_treasury_did_not_sign(ground):
    for headers in ({}, {"X-Treasury-Signature": "0" * 64}, {"X-Signature": "é".encode()}):
        body = json.dumps({"grn": "BR260500000001", "status": "paid", "amount_paise": 1}).encode()
        answer = ground.http("").post("/treasury/notify", content=body, headers=headers)
        assert answer.status_code in {400, 401, 403}
        in_words(answer)


# -- sockets


def test_the_event_stream_refuses_what_is_no_lot(ground):
    for codes in ("", "%00", quote(JUNK["sql"]), ",".join(f"L-{n}" for n in range(500)), "%FF"):
        answer = ground.http("").get(f"/events/lots?codes={codes}")
        assert answer.status_code == 400, codes[:40]
        assert "error" in answer.json()
    assert ground.http("").get("/events/nothing").status_code == 404


def test_devices_that_talk_nonsense(ground):
    for sent in (
        b"\x00" * 4096,
        bytes(range(256)) * 64,
        b"$" + b"A" * 1_000_000,
        b"$NRM,," + b"," * 5000 + b"*00\r\n",
        "$LOGIN,घाट,Œ\r\n".encode() * 50,
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"$NRM,x,0.0.1,NR,01,L,99999999999999999999,BR01,1,32132026,250099,99.9,N,999.9,E,-1,x,y,z\r\n",
    ):
        with socket.create_connection(ground.season.gateway, timeout=20) as device:
            try:
                device.sendall(sent)
                device.shutdown(socket.SHUT_WR)
                while device.recv(4096):
                    pass
            except ConnectionError:  # hanging up on nonsense is an answer
                pass
    with socket.create_connection(ground.season.gateway, timeout=20) as device:
        device.sendall(b"$LOGIN")
