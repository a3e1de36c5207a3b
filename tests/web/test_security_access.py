"""Who may see and do what to whose records: every address asked with every name of the other district's records."""

import itertools
import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from immis.core.permissions import Role
from tests.web.twin import NOW, Twin, statewide, twins

pytestmark = pytest.mark.django_db

#: A check post stops vehicles of every district and reads the driver's name on any e-challan: E-118.
MEETS_EVERY_DISTRICT = ("/challans/", "/api/v1/challans")
#: Pages about what is public and named otherwise: clauses, published files. Asked once, not with every name.
PUBLIC_ROUTES = ("/law/", "/data/")
PUBLIC_LISTS = ("/", "/law/", "/help/", "/login", "/logout", "/language", "/metrics", "/readyz", "/healthz")
#: What a reader of a list may add to its address.
QUESTIONS = (
    "",
    "?format=csv",
    "?state=all",
    "?lease={name}&q={name}",
    "?party={name}&district={district}",
)


@pytest.fixture
def pair(db, data_dir, at) -> tuple[Twin, Twin]:
    at.set(NOW)
    return twins()


def routes(patterns=None, prefix: str = "/"):
    """Every route of the site and the API."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield prefix + str(one.pattern).strip("^$")


_HOLE = re.compile(r"<(?:(\w+):)?\w+>|\(\?P<\w+>([^)]*)\)")


def filled(route: str, names: list[str]):
    """The addresses of a route with every name that fits into its gaps."""
    gaps = []
    for kind, choice in _HOLE.findall(route):
        if "|" in choice:
            gaps.append(choice.split("|"))
        else:
            gaps.append([name for name in names if name.isdigit() == (kind == "id")])
    if not gaps:
        return [route]
    many = itertools.product(*gaps) if len(gaps) == 1 else zip_names(gaps, names)
    return [fill(route, one) for one in many]


def zip_names(gaps, names):
    """With two gaps: every name in the first with every choice of the second, papers with their hash."""
    hashes = [name for name in names if len(name) == 64]
    second = gaps[1] if len(gaps[1]) <= 8 else hashes
    return itertools.product(gaps[0], second)


def fill(route: str, names) -> str:
    left = list(names)
    return _HOLE.sub(lambda _hole: left.pop(0), route)


def said(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", "replace")


def readers(mine: Twin):
    yield "anybody", None
    yield from mine.users.items()


def read_of(client, user, addresses, mark: str) -> list[str]:
    """The addresses that show somebody's private words to this reader."""
    client.logout()
    if user:
        client.force_login(user)
    return [address for address in addresses if mark in said(client.get(address))]


def pages_of(twin: Twin, questions: tuple[str, ...] = QUESTIONS) -> list[str]:
    lists = [route for route in routes() if not _HOLE.search(route)]
    named = [route for route in routes() if _HOLE.search(route) and not route.startswith(PUBLIC_ROUTES)]
    ones = [address for route in named for address in filled(route, twin.names())]
    asked = [
        route + question.format(name=twin.rows["lease"].code, district=twin.district)
        for route in lists
        for question in (questions if route not in PUBLIC_LISTS else questions[:1])
    ]
    return ones + asked


def test_nobody_reads_the_other_districts_records(client, pair):
    mine, other = pair
    client.raise_request_exception = False
    leaks = {}
    for role, user in readers(mine):
        found = read_of(client, user, pages_of(other), other.mark)
        if role == Role.CHECKPOST:
            found = [one for one in found if not one.startswith(MEETS_EVERY_DISTRICT)]
        if found:
            leaks[role] = found
    assert leaks == {}


def test_the_walk_would_see_a_leak(client, pair):
    """The same walk, by those whose records they are: each of them reads their own words, on many pages."""
    client.raise_request_exception = False
    mine = pair[0]
    pages = pages_of(mine, ("",))
    looking = (Role.PARTY, Role.DISTRICT)
    seen = {str(role): read_of(client, mine.users[str(role)], pages, mine.mark) for role in looking}
    assert len(seen["party"]) >= 10 and len(seen["district"]) >= 15, seen
    assert any(one.startswith("/bidder/papers/") for one in seen["party"])
    assert any("/papers/" in one and one.startswith("/leases/") for one in seen["district"])
    whole_state = statewide()
    assert len(read_of(client, whole_state[Role.HQ], seen["district"], mine.mark)) >= 10


def records() -> dict[str, list[tuple]]:
    """Every row of every table but those that a walk itself writes: sessions, the log of readings, tries."""
    kept = {}
    for table in sorted(connection.introspection.table_names()):
        if not table.startswith(("django_", "core_throttle", "core_actionlog", "core_chainhead", "auth_")):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {table}")
                kept[table] = sorted(map(repr, cursor.fetchall()))
    return kept


FORM = {
    "act": "refuse", "reason": "because", "decision": "dismissed", "note": "no", "verdict": "fail", "reasons": "no",
    "outcome": "x", "reply": "x", "amount": "1", "on": "2026-10-16", "reference": "x", "quantity_m3": "5",
    "number": "x", "steps": "1", "key": "12345678", "expected": "0", "driver_name": "D", "place": "yard-pat",
    "vehicle": "BR02G1234", "bank_account": "123456789", "turnover_0": "1", "turnover_1": "1", "turnover_2": "1",
}  # fmt: skip
JSON, AS_FORM = "application/json", "application/x-www-form-urlencoded"
ACTS = ("refuse", "verify", "documents", "ec_applied", "registration", "gst", "permission", "ask", "papers")


def tries_on(other: Twin):
    """Every address with a gap, each with the acts to try: all of them where the right kind of name stands."""
    rows = other.rows
    own = (rows["lease"].code, rows["demand"].number, rows["receipt"].number)
    for route in routes():
        if not _HOLE.search(route) or route.startswith(PUBLIC_ROUTES):
            continue
        if route.endswith(("/bid", "/bids")):
            continue  # bidding is open to every party in any district, and a refused bid is kept as well (E-058)
        for address in filled(route, other.names()):
            yield address, ACTS if any(name in address for name in own) else ACTS[:1]


def test_nobody_changes_the_other_districts_records(client, pair, settings):
    settings.TREASURY_URL = "http://127.0.0.1:9"  # nothing listens there
    mine, other = pair
    client.raise_request_exception = False
    tries = list(tries_on(other))
    for role in (Role.DISTRICT, Role.COLLECTOR, Role.CHECKPOST, Role.PARTY):
        client.force_login(mine.users[str(role)])
        before = records()
        for address, acts in tries:
            for act in acts:
                form = {**FORM, "act": act, "bid": other.rows["bid"].pk}
                sent = (form, JSON) if address.startswith("/api/") else (urlencode(form), AS_FORM)
                client.post(address, sent[0], content_type=sent[1], headers={"accept": JSON})
        after = records()
        changed = {table: [row for row in after[table] if row not in rows] for table, rows in before.items()}
        assert {table: rows for table, rows in changed.items() if rows} == {}, role


def test_a_settlee_issues_nothing_on_the_settlement_of_another(client, pair):
    mine, other = pair
    client.force_login(mine.users["party"])
    asked = {"lease": other.rows["lease"].code, "vehicle": "BR01G1234", "place": "yard-mun", "quantity_m3": "5",
             "driver_name": "D"}  # fmt: skip
    answer = client.post("/api/v1/challans", asked, content_type="application/json")
    assert answer.status_code == 404 and answer.json()["error"] == "not-found"


def test_a_dismissed_officer_and_a_closed_account_see_nothing_more(client, pair):
    mine = pair[0]
    officer, settlee = mine.users["district"], mine.users["party"]
    client.force_login(officer)
    assert client.get("/office/").status_code == 200
    officer.posts.update(active=False)
    assert client.get("/office/").status_code == 403
    client.force_login(settlee)
    settlee.is_active = False
    settlee.save()
    assert client.get("/settlee/").status_code == 302
