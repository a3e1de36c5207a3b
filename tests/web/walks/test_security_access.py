"""Who may see and do what to whose records: every address asked with every name of the other district's records."""

import itertools
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from immis.core.models import ActionLog, OutboxEvent
from immis.rules.posts import chart
from tests.web.forms_on_pages import PageForm, forms_on
from tests.web.twin import NOW, Twin, statewide, twins

pytestmark = pytest.mark.django_db

#: Pages about what is public and named otherwise: clauses, published files. Asked once, not with every name.
PUBLIC_ROUTES = ("/law/", "/data/")
PUBLIC_LISTS = ("/", "/law/", "/help/", "/login", "/logout", "/language", "/metrics", "/readyz", "/healthz")
#: Lots are open to the bidders of every district.
OPEN_TO_ALL = ("/bidder/lots/", "/auctions/", "/login", "/language")
JSON, AS_FORM = "application/json", "application/x-www-form-urlencoded"
#: Answered where no such record is, or an address only takes forms.
UNKNOWN = {404, 405}
#: What a reader of a list may add to its address, by the names that are looked for there.
QUESTIONS = {
    ("format",): "?format=csv",
    ("state",): "?state=all",
    ("lease", "q"): "?lease={name}&q={name}",
    ("party", "district"): "?party={name}&district={district}",
}


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
    return asked_now(client, addresses)


def asked_now(client, addresses) -> dict[str, Any]:
    return {address: client.get(address, headers={"accept": JSON}) for address in addresses}


def showing(answers: dict[str, Any], mark: str) -> list[str]:
    """The addresses at which somebody's private words were shown."""
    return [address for address, answer in answers.items() if mark in said(answer)]


def pages_of(twin: Twin) -> list[str]:
    """Every address with a gap, once with each name of this district's records."""
    named = [route for route in routes() if _HOLE.search(route) and not route.startswith(PUBLIC_ROUTES)]
    return [address for route in named for address in filled(route, twin.names())]


def lists_of(twin: Twin) -> list[str]:
    return [route for route in routes() if not _HOLE.search(route)]


def asked_lists(client, twin: Twin, read_names: set[str]) -> dict[str, Any]:
    """What the reader of now is answered at each list, and again with each question that the list looks for."""
    name, answers = twin.rows["lease"].number, {}
    for route in lists_of(twin):
        read_names.clear()
        answers |= asked_now(client, [route])
        questions = [text for names, text in QUESTIONS.items() if not read_names.isdisjoint(names)]
        if route not in PUBLIC_LISTS:
            addresses = [route + text.format(name=name, district=twin.district) for text in questions]
            answers |= asked_now(client, addresses)
    return answers


@dataclass
class Walk:
    """What the owners of one district's records, and headquarters, find at all its addresses.

    ``seen`` has the addresses that show each of them private words; ``there`` those that are neither unknown
    nor closed to all of them: elsewhere the name does not fit the route (a demand where a lease is asked for).
    """

    seen: dict[str, list[str]]
    there: list[str]
    #: Those of them that can be opened; the others only take forms, which they say to all.
    opened: list[str]
    #: The forms that these pages show their owners, as far as they name one of the records.
    forms: list[PageForm]
    #: The pages and papers that were shown, for whoever reads them with other eyes.
    pages: list[tuple[str, str]]
    papers: dict[str, bytes]


_walked: list[Walk] = []


def once_walked(client, twin: Twin) -> Walk:
    """What an owners' walk has shown in this process already, or shows now."""
    return _walked[0] if _walked else walk(client, twin)


def walk(client, twin: Twin) -> Walk:
    own = ("party", "district", "collector")
    users = {**{role: twin.users[role] for role in own}, "hq": statewide()["hq"], "public": None}
    pages = pages_of(twin)
    found, names_nothing = {}, set()
    for role, user in users.items():
        if role == "public":  # what neither its owner nor any office knows, nobody does
            names_nothing -= {known for known, answer in found["party"].items() if answer.status_code not in UNKNOWN}
        addresses = [address for address in pages + lists_of(twin) if open_to(address, role)]
        found[role] = asked(client, user, [address for address in addresses if address not in names_nothing])
        # an office sees its district's records, and what it does not know, no desk above does; 405 is said to all
        known = {405} if role == "party" else UNKNOWN
        names_nothing |= {address for address, answer in found[role].items() if answer.status_code in known}
    there = [
        one
        for one in pages
        if any(one in answers and answers[one].status_code not in {401, 403, 404} for answers in found.values())
    ]
    opened = [
        one for one in there if all(answers[one].status_code != 405 for answers in found.values() if one in answers)
    ]
    shown = [
        (address, answer)
        for answers in found.values()
        for address, answer in answers.items()
        if answer.status_code == 200 and not answer.streaming
    ]
    html = [(one, said(answer)) for one, answer in shown if "text/html" in answer.get("Content-Type", "")]
    papers = {one: answer.content for one, answer in shown if one.endswith(".pdf")}
    seen = {role: showing(answers, twin.mark) for role, answers in found.items()}
    _walked[:] = [Walk(seen, there, opened, forms_of(html, twin.names()), html, papers)]
    return _walked[0]


def open_to(address: str, role: str) -> bool:
    """Whether a page lets this post in at all; that it keeps the others out is asked of every page elsewhere."""
    grant = grant_at(address.split("?")[0])
    return grant != _NOWHERE and (grant is None or grant in chart().post(role).grants)


_NOWHERE = "no page"


@cache
def grant_at(path: str) -> str | None:
    """The grant that opens a page; None for everybody."""
    try:
        return getattr(resolve(path).func, "page_grant", None)
    except Resolver404:
        return _NOWHERE


def forms_of(pages_shown: list[tuple[str, str]], names: list[str]) -> list[PageForm]:
    """Each different form of these pages once, where its address or one of its fields names a record."""
    forms = {}
    for address, page in pages_shown:
        for form in forms_on(address, page):
            parts = {*form.action.split("/"), *form.fields.values(), *(value for _name, value in form.buttons)}
            if not parts.isdisjoint(names) and not form.action.startswith(OPEN_TO_ALL):
                forms[form.action, tuple(sorted(form.fields)), tuple(form.buttons)] = form
    return list(forms.values())


def test_nobody_reads_or_changes_the_other_districts_records(client, pair, settings, few_people, read_names):
    """First the owners' own walk: it finds words on many pages, so that it would see a leak. Then the others'."""
    settings.TREASURY_URL = "http://127.0.0.1:9"  # nothing listens there
    mine, other = pair
    client.raise_request_exception = False
    own = walk(client, other)
    assert len(own.seen["party"]) >= 10 and len(own.seen["district"]) >= 15 and len(own.seen["hq"]) >= 10, own
    assert any(one.startswith("/bidder/papers/") for one in own.seen["party"])
    assert any("/papers/" in one and one.startswith("/leases/") for one in own.seen["district"])
    leaks, asked_questions = {}, set()
    for role, user in readers(mine):
        found = asked(client, user, own.opened) | asked_lists(client, other, read_names)
        asked_questions |= {address.partition("?")[2].partition("=")[0] for address in found}
        if shown := showing(found, other.mark):
            leaks[role] = shown
    assert leaks == {} and asked_questions == {"", *(names[0] for names in QUESTIONS)}
    for role in ("district", "collector", "checkpost", "party"):
        assert changed_by(client, role, mine.users[role], other, own.there) == {}, role
    assert len({form.action for form in own.forms}) >= 15, "the owners' pages show forms to try"
    for role in ("district", "collector", "checkpost", "party"):
        assert sent_by(client, mine.users[role], other, own.forms) == {}, role


def records() -> dict[str, list[tuple]]:
    """Every row of every table but those that a walk itself writes: sessions, the log of readings, counts of tries."""
    kept = {}
    for table in sorted(connection.introspection.table_names()):
        own = ("django_", "core_throttle", "core_cached", "core_actionlog", "core_chainhead", "auth_")
        if not table.startswith(own):
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
    own = (rows["lease"].number, rows["demand"].number, rows["receipt"].number)
    for address in there:
        if not address.endswith(("/bid", "/bids")):  # open to every party of any district, refusals are kept (E-058)
            names_act = address.startswith("/api/")  # there the act is not one of the fields
            yield address, ACTS if any(name in address for name in own) and not names_act else ACTS[:1]


def changed_by(client, role: str, user, other: Twin, there: list[str]) -> dict[str, list[str]]:
    """The rows that are other ones after somebody sent forms to all these addresses."""
    client.force_login(user)
    before, closed = records(), set()
    for address, acts in tries_on(other, there):
        if not open_to(address, role):  # the post is refused before the record is looked for: once for every page
            acts = [] if (view := resolve(address).view_name) in closed else acts[:1]
            closed.add(view)
        for act in acts:
            form = {**FORM, "act": act, "bid": other.rows["bid"].pk}
            sent = (form, JSON) if address.startswith("/api/") else (urlencode(form), AS_FORM)
            status = client.post(address, sent[0], content_type=sent[1], headers={"accept": JSON}).status_code
            if status in (404, 405):  # not known to this reader, whatever the act; each act that is shown has its form
                break
    after = records()
    changed = {table: [row for row in after[table] if row not in rows] for table, rows in before.items()}
    return {table: rows for table, rows in changed.items() if rows}


def counted() -> dict[str, int]:
    """Log lines and events: whatever is done leaves one of them."""
    return {one.__name__: one.objects.count() for one in (ActionLog, OutboxEvent)}


def sent_by(client, user, other: Twin, forms: list[PageForm]) -> dict[str, Any]:
    """What was not refused when somebody sent the owners' own forms, filled in, with every button."""
    client.force_login(user)
    before, rows, wrong = counted(), records(), {}
    for form in forms:
        named = not set(form.action.split("/")).isdisjoint(other.names())
        for payload in form.payloads():
            status = client.post(form.action, payload, headers={"accept": JSON}).status_code
            if status not in ({403, 404} if named else {403, 404, 409, 422, 400}):
                wrong[f"{form.action} {sorted(payload)}"] = status
    changed = {table: True for table, kept in records().items() if kept != rows[table]}
    return {**wrong, **changed, **({} if counted() == before else {"log": counted()})}


def test_a_settlee_issues_nothing_on_the_settlement_of_another(client, pair):
    mine, other = pair
    client.force_login(mine.users["party"])
    asked = {"lease": other.rows["lease"].number, "vehicle": "BR01G1234", "place": "yard-mun", "quantity_m3": "5",
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
