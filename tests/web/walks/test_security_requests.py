"""Requests as no browser sends them: other methods, hosts, letters and sizes; what every answer carries."""

import json
import re
from decimal import Decimal

import pytest
from django.test import Client

from immis.web.shell.tables import Column, table_response
from tests.web.twin import NOW, Twin, statewide, twins
from tests.web.walks.test_security_access import filled, open_to, routes

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(db, data_dir, at) -> tuple[Twin, Twin]:
    at.set(NOW)
    return twins()


def every_address(twin: Twin) -> list[str]:
    return [one for route in routes() for one in filled(route, twin.names())[:1]]


# -- methods


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND"])
def test_no_address_takes_another_method(client, pair, method):
    client.force_login(pair[0].users["district"])
    odd = [one for one in every_address(pair[0]) if client.generic(method, one).status_code != 405]
    assert odd == []


def test_the_answer_names_the_methods_that_there_are(client):
    assert client.put("/")["Allow"] == "GET, HEAD, POST"


# -- foreign forms


#: Software beside a scale: a code or a signature of its own, nobody's session, so that a browser brings nothing along.
OWN_PROOF = re.compile(r"/api/v1/weighbridges/(pair|\w+/(readings|heartbeat|sightings))")


def test_no_address_takes_a_form_without_its_token(pair, settings, few_people):
    """Also the treasury's notice, which needs none, is refused: by its signature."""
    settings.DEMO = True
    users = [*pair[0].users.values(), *statewide().values()]
    free, kinds = set(), ["application/x-www-form-urlencoded", "text/plain"]
    for user in users:
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.force_login(user)
        for address in every_address(pair[0]):
            for kind in kinds:
                foreign = {"Origin": "https://evil.example", "accept": "application/json"}
                answer = client.post(address, b"{}", content_type=kind, headers=foreign)
                if answer.status_code not in (403, 405):
                    free.add((address, answer.status_code))
        kinds = kinds[:1]  # what no form sends does not hang on who sends it
    assert not [row for row in free if row[1] != 404 and not (row[1] == 422 and OWN_PROOF.fullmatch(row[0]))], free


def test_the_api_takes_a_call_with_the_token_and_none_without(pair):
    client = Client(enforce_csrf_checks=True)
    client.force_login(pair[0].users["party"])
    body = {"lease": "x", "vehicle": "BR01G1234", "place": "x", "quantity_m3": "1", "driver_name": "D"}
    assert client.post("/api/v1/challans", body, content_type="application/json").status_code == 403
    client.get("/login")
    token = client.cookies["csrftoken"].value
    answer = client.post("/api/v1/challans", body, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 404


# -- hosts


@pytest.mark.parametrize("host", ["evil.example", "testserver:80@evil.example", "testserver.evil.example", "a b"])
def test_another_host_gets_no_page(client, host):
    client.raise_request_exception = False
    answer = client.get("/help/", headers={"Host": host})
    assert answer.status_code == 400 and "evil.example" not in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_forwarded_host_is_not_believed(client):
    page = client.get("/login", headers={"X-Forwarded-Host": "evil.example"}).content.decode()
    assert "evil.example" not in page


# -- letters and sizes


def test_a_nul_is_a_bad_request_and_no_error(client, pair):
    client.raise_request_exception = False
    mine = pair[0]
    for name in ("district", "party"):
        client.force_login(mine.users[name])
        for address in ("/?q=%00", "/law/%00/", "/data/ghats.geojson?district=%00", "/settlee/challans/?lease=%00",
                        "/office/challans/?lease=%00", "/api/v1/blocks?district=a%00", "/?%00=1"):  # fmt: skip
            assert client.get(address).status_code == 400, address
    client.force_login(mine.users["district"])
    case = f"/office/cases/{mine.rows['case'].number}/drop"
    assert client.post(case, {"outcome": "a\0b"}).status_code == 400
    mine.rows["case"].refresh_from_db()
    assert mine.rows["case"].state == "noticed"


def ask(client, **more: object):
    body = {"lease": "MUN-2026-01", "vehicle": "BR01G1234", "place": "yard-mun", "quantity_m3": "5", "driver_name": "D"}
    return client.post("/api/v1/challans", json.dumps(body | more), content_type="application/json")


@pytest.mark.parametrize(
    "field, value",
    [("driver_name", "x" * 121), ("driver_name", "a\0b"), ("driver_phone", "9" * 16), ("key", "k" * 41),
     ("quantity_m3", "1e400"), ("quantity_m3", "NaN"), ("quantity_m3", "12345678"), ("quantity_m3", "1.00001"),
     ("vehicle", "x" * 15), ("lease", "x" * 41), ("lease", None), ("key", 5)],
)  # fmt: skip
def test_the_api_names_the_field_that_it_cannot_keep(client, pair, field, value):
    client.raise_request_exception = False
    client.force_login(pair[0].users["party"])
    answer = ask(client, **{field: value})
    assert answer.status_code == 422 and answer.json()["fields"][0]["field"].endswith(field)


def test_broken_bodies_are_bad_requests(client, pair):
    client.raise_request_exception = False
    client.force_login(pair[0].users["party"])
    for body in (b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"lease": ' + b"9" * 100_000 + b"}"):
        answer = client.post("/api/v1/challans", body, content_type="application/json")
        assert answer.status_code in (400, 422), body[:10]


def test_a_body_that_is_too_large_is_not_read(client, pair, settings):
    client.raise_request_exception = False
    client.force_login(pair[0].users["party"])
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = client.post("/api/v1/challans", b" " * 1001, content_type="application/json")
    assert answer.status_code in (400, 413)
    assert client.post("/login", {"username": "x" * 2000}).status_code in (400, 413)


def test_numbers_beyond_the_database_are_not_found(client, pair):
    client.raise_request_exception = False
    client.force_login(pair[0].users["district"])
    huge = "9" * 25
    for address in (f"/office/tasks/{huge}/", f"/messages/{huge}/", f"/office/notices/{huge}/",
                    f"/bidder/papers/{huge}/abc", "/office/cases/?page=" + huge, "/?page=-1"):  # fmt: skip
        assert client.get(address).status_code in (200, 404), address


def test_no_question_in_an_address_breaks_a_page(client, pair, few_people, read_names):
    """Digits of other scripts, arrays, half letters, dates that are none: every list of every post that asks."""
    client.raise_request_exception = False
    odd, asked = [], set()
    values = ("²", "-1", "9" * 30, "'\"<\u202e", "2026-02-30")
    names = ("q", "state", "page", "hours", "due", "code", "offence", "phase", "ghat", "format", "deed_on", "from_on",
             "limit")  # fmt: skip
    users = {"district": pair[0].users["district"], "party": pair[0].users["party"], "hq": statewide()["hq"]}
    for role, user in users.items():
        client.force_login(user)
        for address in every_address(pair[0]):
            if address in asked or address.startswith(("/law/", "/data/a", "/ghats")) or not open_to(address, role):
                continue  # what reads the question is the same for every post
            read_names.clear()
            if client.get(address, headers={"accept": "application/json"}).status_code != 200:
                continue  # what is not shown reads no question
            asked.add(address)
            for value in () if read_names.isdisjoint(names) else values:
                status = client.get(address, {name: value for name in names}).status_code
                if status >= 500:
                    odd.append((address, value, status))
    assert odd == [] and len(asked) > 60


# -- what goes out


def test_every_kind_of_answer_is_guarded(client, pair, settings):
    settings.DEBUG = False
    client.raise_request_exception = False
    mine = pair[0]
    client.force_login(mine.users["district"])
    challan, code = mine.rows["challan"].number, mine.rows["lease"].number
    paper = f"/bidder/papers/{mine.rows['bid'].pk}/{mine.rows['paper']}"
    kinds = {
        "/office/": "text/html", "/nope": "text/html", "/log/": "text/html", "/api/v1/nope": "application/json",
        "/api/v1/leases": "application/json", "/office/challans/?format=csv": "text/csv",
        "/office/challans/?format=xlsx": "application/vnd", f"/leases/{code}/loi.pdf": "application/pdf",
        f"/challans/{challan}.pdf": "application/pdf", "/office/map/vehicles.json": "application/geo+json",
        "/data/ghats.geojson": "application/geo+json", "/metrics": "text/plain", paper: "application/pdf",
    }  # fmt: skip
    for address, kind in kinds.items():
        answer = client.get(address)
        assert answer["Content-Type"].startswith(kind), address
        assert "default-src 'none'" in answer["Content-Security-Policy"], address
        assert "'unsafe-eval'" not in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff" and answer["X-Frame-Options"] == "DENY", address
        assert "no-store" in answer["Cache-Control"] or "public" in answer["Cache-Control"], address
        assert answer["Cross-Origin-Resource-Policy"] == (
            "cross-origin" if "Access-Control-Allow-Origin" in answer else "same-origin"
        )


def test_an_error_inside_is_guarded_too(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("immis.web.portal.public.blocks", lambda **_: 1 / 0)
    answer = client.get("/")
    assert answer.status_code == 500 and "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_personal_data_is_open_to_no_other_origin(client, pair, few_people):
    """Open data says that anybody may read it; nothing that needs a log-in says so."""
    for user in (None, *pair[0].users.values()):
        if user:
            client.force_login(user)
        for address in every_address(pair[0]):
            answer = client.get(address, headers={"Origin": "https://evil.example", "accept": "application/json"})
            if "Access-Control-Allow-Origin" in answer:
                assert address.startswith("/data/"), address
                assert "Access-Control-Allow-Credentials" not in answer


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    '=HYPERLINK("http://evil")',
    "=cmd|'/c calc'!A0",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_download_is_a_formula(rf, formula):
    import csv
    import io

    from openpyxl import load_workbook

    rows, columns = [{"a": formula, "n": Decimal("-5")}], [Column("A", "a"), Column("N", "n")]
    text = table_response(rf.get("/?format=csv"), columns=columns, rows=rows, name="x").content.decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(text, newline="")))[1]
    assert cells[0].startswith("'") and cells[1] == "-5"
    book = load_workbook(
        io.BytesIO(table_response(rf.get("/?format=xlsx"), columns=columns, rows=rows, name="x").content)
    )
    cell = book.active["A2"]
    assert cell.data_type == "s" and str(cell.value).startswith("'") and book.active["B2"].value == -5


def test_a_download_survives_letters_that_no_sheet_may_hold(rf):
    rows = [{"a": "bell \x07, escape \x1b[31m"}, {"a": "x" * 40_000}]
    for kind in ("csv", "xlsx"):
        answer = table_response(rf.get(f"/?format={kind}"), columns=[Column("A", "a")], rows=rows, name="x")
        assert answer.status_code == 200 and b"\x1b[31m" not in answer.content


# -- what is told to the log


def test_no_secret_is_in_the_log_of_a_failing_page(client, pair, monkeypatch, caplog):
    client.raise_request_exception = False
    monkeypatch.setattr("immis.web.signin.forms.LoginForm.clean", lambda _form: 1 / 0)
    client.cookies["sessionid"] = "s" * 32
    client.post("/login", {"username": "mdo", "password": "a very secret word"})
    told = caplog.text
    assert "ZeroDivisionError" in told
    for secret in ("a very secret word", "s" * 32, "only-for-tests", "demo-treasury-key"):
        assert secret not in told


def test_an_address_cannot_write_lines_of_its_own_into_the_log(client, caplog):
    client.get("/nope%0aWARNING%20django.request%20forged%0d%0aline/")
    assert not [line for line in caplog.text.splitlines() if line.startswith(("WARNING django.request forged", "line"))]
