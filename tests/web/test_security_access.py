"""Who may see and do what to whose records: every address asked with every name of the other district's records."""

import itertools
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from tests.web.twin import NOW, Twin, statewide, twins

pytestmark = pytest.mark.django_db

#: Pages about what is public and named otherwise: clauses, published files. Asked once, not with every name.
PUBLIC_ROUTES = ("/law/", "/data/")
PUBLIC_LISTS = ("/", "/law/", "/help/", "/login", "/logout", "/language", "/metrics", "/readyz", "/healthz")
JSON, AS_FORM = "application/json", "application/x-www-form-urlencoded"
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


def asked(client, user, addresses) -> dict[str, Any]:
    """What a reader is answered at each address; refusals in short, for they are most of what comes."""
    client.logout()
    if user:
        client.force_login(user)
    return {address: client.get(address, headers={"accept": JSON}) for address in addresses}


def showing(answers: dict[str, Any], mark: str) -> list[str]:
    """The addresses at which somebody's private words were shown."""
    return [address for address, answer in answers.items() if mark in said(answer)]


def pages_of(twin: Twin) -> list[str]:
    """Every address with a gap, once with each name of this district's records."""
    named = [route for route in routes() if _HOLE.search(route) and not route.startswith(PUBLIC_ROUTES)]
    return [address for route in named for address in filled(route, twin.names())]


def lists_of(twin: Twin, questions: tuple[str, ...] = QUESTIONS) -> list[str]:
    return [
        route + question.format(name=twin.rows["lease"].code, district=twin.district)
        for route in routes()
        if not _HOLE.search(route)
        for question in (questions if route not in PUBLIC_LISTS else questions[:1])
    ]


@dataclass
class Walk:
    """What the owners of one district's records, and headquarters, find at all its addresses.

    ``seen`` has the addresses that show each of them private words; ``there`` those that are neither unknown
    nor closed to all of them: elsewhere the name does not fit the route (a demand where a lease is asked for).
    """

    seen: dict[str, list[str]]
    there: list[str]


def walk(client, twin: Twin) -> Walk:
    users = {**{str(role): twin.users[role] for role in ("party", "district")}, "hq": statewide()["hq"]}
    pages = pages_of(twin)
    found = {role: asked(client, user, pages + lists_of(twin, ("",))) for role, user in users.items()}
    there = [one for one in pages if any(answers[one].status_code not in {403, 404} for answers in found.values())]
    return Walk({role: showing(answers, twin.mark) for role, answers in found.items()}, there)


def test_nobody_reads_or_changes_the_other_districts_records(client, pair, settings):
    """First the owners' own walk: it finds words on many pages, so that it would see a leak. Then the others'."""
    settings.TREASURY_URL = "http://127.0.0.1:9"  # nothing listens there
    mine, other = pair
    client.raise_request_exception = False
    own = walk(client, other)
    assert len(own.seen["party"]) >= 10 and len(own.seen["district"]) >= 15 and len(own.seen["hq"]) >= 10, own
    assert any(one.startswith("/bidder/papers/") for one in own.seen["party"])
    assert any("/papers/" in one and one.startswith("/leases/") for one in own.seen["district"])
    leaks = {}
    for role, user in readers(mine):
        found = showing(asked(client, user, own.there + lists_of(other)), other.mark)
        if found:
            leaks[role] = found
    assert leaks == {}
    for role in ("district", "collector", "checkpost", "party"):
        assert changed_by(client, mine.users[str(role)], other, own.there) == {}, role


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
ACTS = ("refuse", "verify", "documents", "ec_applied", "registration", "gst", "permission", "ask", "papers")


def tries_on(other: Twin, there: list[str]):
    """Every address that is there, each with the acts to try: all of them where the right kind of name stands."""
    rows = other.rows
    own = (rows["lease"].code, rows["demand"].number, rows["receipt"].number)
    for address in there:
        if not address.endswith(
            ("/bid", "/bids")
        ):  # open to every party of any district, refused bids are kept (E-058)
            yield address, ACTS if any(name in address for name in own) else ACTS[:1]


def changed_by(client, user, other: Twin, there: list[str]) -> dict[str, list[str]]:
    """The rows that are other ones after somebody sent forms to all these addresses."""
    client.force_login(user)
    before = records()
    for address, acts in tries_on(other, there):
        for act in acts:
            form = {**FORM, "act": act, "bid": other.rows["bid"].pk}
            sent = (form, JSON) if address.startswith("/api/") else (urlencode(form), AS_FORM)
            client.post(address, sent[0], content_type=sent[1], headers={"accept": JSON})
    after = records()
    changed = {table: [row for row in after[table] if row not in rows] for table, rows in before.items()}
    return {table: rows for table, rows in changed.items() if rows}


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
