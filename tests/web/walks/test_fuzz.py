"""Every form and every question in an address of a page with forty odd values: words, never an error.

What is asked stands nowhere in this file: addresses come from the resolver, fields from the forms in the pages. After
each form its page is opened again, for what was taken may have broken it. The API's are tried by test_fuzz_api.py.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from django import shortcuts
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.forms.forms import BaseForm
from django.http import HttpResponse
from django.template import engines
from django.test import Client
from django.urls import resolve

from immis.registers import selectors
from tests.transactions import undone
from tests.web.twin import NOW, Twin, enter_training, enter_visit, statewide, twins
from tests.web.walks.test_security_access import AS_FORM, filled, open_to, routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_people", "nothing_logged")]

VALUES: tuple[str, ...] = (
    "", " ", "0", "-1", "1", "1.5", "1e400", "NaN", "-Infinity", "²", "٣", "१२", "9" * 18, "9" * 30, "1" * 5000,
    "2147483648", "9223372036854775808", "0001-01-01", "9999-12-31", "2026-02-30", "2026-99-99", "2026-10-16",
    "0001-01-01T00:00", "9999-12-31T23:59", "2026-10-16T24:00", "2026-10-16 10:00 the river has left",
    "9999-12-31T23:59:59+14:00", "a" * 121, "अ" * 301, "x" * 5000, "a\0b", "\ud800", "\u202e<b>'\"&{{x}}{%",
    "=1+1", "../../etc/passwd", "[" * 3000, '{"$day": "2026-99-99"}', "on", "all", "true\r\nX: y",
)  # fmt: skip
#: What a field is given while all others are as usual: what a first check may let through.
PLAUSIBLE = (
    "²", "9" * 18, "9" * 30, "0001-01-01", "9999-12-31", "9999-12-31T23:59", "2026-10-16 10:00 the river has left",
    "अ" * 301,
)  # fmt: skip
#: What a control of a kind can be mistaken by; any other kind, and a name without a control, gets all values.
_FOR_ALL = ("", "²", "9" * 30, "x" * 5000, "a\0b", "\ud800")
OF_KIND = {
    "date": (*_FOR_ALL, *(value for value in VALUES if value.startswith(("0001", "9999", "2026")))),
    "number": (*_FOR_ALL, *VALUES[1:9], "٣", "9" * 18, "1" * 5000, "9223372036854775808", "2026-10-16"),
    "chosen": (
        *_FOR_ALL,
        "-1",
        "٣",
        "1e400",
        "NaN",
        "9" * 18,
        "2026-02-30",
        "[" * 3000,
        '{"$day": "2026-99-99"}',
        "on",
    ),
}
#: Controls of which a browser sends what stands there.
CHOSEN = ("select", "checkbox", "radio", "hidden")
#: Pages of which one is like all others.
ONCE = ("/law/", "/data/")
#: The API has a test of its own; pages of one register or entry are those of ``REGISTERS``.
NOT_WALKED = ("/api/", "/registers/<", "/entries/")
#: Where the form leads that stands on every page: it is tried there.
EVERYWHERE = "/search/"
#: Ends the session that is trying, changes its language, or is a door of the demonstration.
LEFT_OUT = ("/logout", "/login/demo", "/language")
PDF = b"%PDF-1.7\n%x"
#: What stands in the other fields while one is tried, by the kind of its control.
USUAL = {
    "date": "2026-10-16", "datetime-local": "2026-10-16T10:00", "time": "10:00", "number": "1",
    "email": "x@example.org", "checkbox": "on", "tel": "9000000001", "password": "गंगा-के-तट-पर",
}  # fmt: skip


@dataclass
class Form:
    """A form of a page: where it is sent, and its fields with the kind of control and what would usually be sent."""

    method: str
    action: str
    kinds: dict[str, str] = field(default_factory=dict)
    usual: dict[str, Any] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def variants(self) -> Iterator[dict[str, Any]]:
        """What would usually be sent, once with each button."""
        for name, value in self.buttons or [("", "")]:
            yield self.usual | ({name: value} if name else {})


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(named.get("method", "get").lower(), named.get("action", ""))
            self.forms.append(self._open)
        elif self._open is not None and tag in ("input", "textarea", "select", "button"):
            self._control(tag, named)
        elif self._open is not None and tag == "option" and self._select and named.get("value"):
            was = self._open.usual[self._select]
            self._open.usual[self._select] = named["value"] if "selected" in named else was or named["value"]

    def _control(self, tag: str, named: dict[str, str]) -> None:
        name, kind = (
            named.get("name", ""),
            named.get("data-day") or named.get("type", "text") if tag == "input" else tag,
        )
        self._select = name if tag == "select" else ""
        if not name or name == "csrfmiddlewaretoken":
            return
        if kind in ("button", "submit"):
            self._open.buttons.append((name, named.get("value", "")))
            return
        self._open.kinds.setdefault(name, kind)
        usual = SimpleUploadedFile("x.pdf", PDF) if kind == "file" else named.get("value") or USUAL.get(kind, "x")
        self._open.usual.setdefault(name, "" if kind == "select" else usual)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def forms_of(html: str) -> list[Form]:
    parser = _Forms()
    parser.feed(html)
    return parser.forms


@contextmanager
def writing() -> Iterator[list[str]]:
    """What is written meanwhile, but for sessions and counts of tries, which every request writes."""
    written: list[str] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not _OF_ANY_REQUEST.search(sql[:60]):
            written.append(sql[:60])
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield written


_OF_ANY_REQUEST = re.compile(r"django_session|core_throttle")


class Reader:
    """One person trying everything; what answers 500 is kept with how it was asked."""

    def __init__(self, user: Any) -> None:
        self.client = Client(raise_request_exception=False)
        self.odd: list[tuple[Any, ...]] = []
        self.turned: set[str] = set()
        if user is not None:
            self.client.force_login(user)

    def get(self, address: str, questions: dict[str, str] | None = None, **headers: str) -> Any:
        Refused.begin()
        Refused.names = set()
        query = urlencode({name: _sent(value) for name, value in (questions or {}).items()})
        answer = self.client.get(address + (f"?{query}" if query else ""), headers=headers)
        return self.noted("GET", address, questions or {}, answer)

    def post(self, address: str, form_data: dict[str, Any], *, page: str = "", brief: bool = False, **headers: str):
        """Send a form, open its page again if something may have been taken, and undo all of it.

        ``brief`` leaves out drawing a page again that only shows what the form itself refused.
        """
        Refused.begin(brief=brief)
        Refused.names = set()
        cookies = self.client.cookies.copy()
        sent = {name: _sent(value) for name, value in form_data.items()}
        uploads = [value for value in sent.values() if isinstance(value, SimpleUploadedFile)]
        for upload in uploads:
            upload.seek(0)
        body = {"data": sent} if uploads else {"data": urlencode(sent), "content_type": AS_FORM}
        with undone(), writing() as written:
            answer = self.noted("POST", address, form_data, self.client.post(address, headers=headers, **body))
            Refused.begin()
            if page and (written or self._is_first_turn(address, answer)):
                self.noted("GET after POST", page, form_data, self.client.get(page))
        self.client.cookies = cookies
        return int(answer.status_code)

    def _is_first_turn(self, address: str, answer: Any) -> bool:
        """Whether a form first turned its sender elsewhere without writing: the page after it has nothing new again."""
        if not 300 <= answer.status_code < 400 or address in self.turned:
            return False
        self.turned.add(address)
        return True

    def noted(self, method: str, address: str, sent: Any, answer: Any) -> Any:
        if answer.streaming:
            list(answer.streaming_content)
        if answer.status_code >= 500 and answer.status_code != 503:  # 503: the treasury does not answer in this test
            shown = {name: str(value)[:30] for name, value in sent.items()}
            error = getattr(answer, "exc_info", None)
            self.odd.append((method, address, answer.status_code, shown, repr(error[1])[:300] if error else ""))
        return answer


def _sent(value: Any) -> Any:
    """Half a character is no UTF-8; a broken program sends its bytes all the same."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


class Refused:
    """The forms that refused what was sent by themselves; the page around them is drawn once for each of them.

    After that such a form is drawn alone, with all its words, and not at all where one field is odd: what a form says
    of each value was drawn when all fields were odd at once. What a service says is always drawn, in its page.
    """

    forms: list[BaseForm] = []
    #: The fields that did so, whatever stood in the others.
    names: set[str] = set()
    brief = False
    drawn: set[Any] = set()

    @classmethod
    def begin(cls, *, brief: bool = False) -> None:
        cls.forms, cls.brief = [], brief

    @classmethod
    def page(cls, template: str) -> HttpResponse | None:
        """What is drawn in place of a page that was drawn before."""
        if cls.brief:
            return HttpResponse(status=422)
        key = (template, *(tuple(form.fields) for form in cls.forms))
        if key not in cls.drawn:
            cls.drawn.add(key)
            return None
        alone = engines["django"].from_string("{% form_fields form %}")
        return HttpResponse("".join(alone.render({"form": form}) for form in cls.forms), status=422)


@pytest.fixture(autouse=True)
def _refusals_of_forms_drawn_once(monkeypatch) -> None:
    full_clean, clean_fields = BaseForm.full_clean, BaseForm._clean_fields

    def cleaned(form: BaseForm) -> None:
        full_clean(form)
        if form.is_bound and form.errors:
            Refused.forms.append(form)

    def cleaned_fields(form: BaseForm) -> None:
        clean_fields(form)
        Refused.names.update(map(form.add_prefix, form._errors or ()))

    def drawn(request: Any, template: str, context: Any = None, *args: Any, **kwargs: Any) -> Any:
        alone = Refused.page(template) if Refused.forms and kwargs.get("status") == 422 else None
        return alone or shortcuts.render(request, template, context, *args, **kwargs)

    monkeypatch.setattr(BaseForm, "full_clean", cleaned)
    monkeypatch.setattr(BaseForm, "_clean_fields", cleaned_fields)
    monkeypatch.setattr(Refused, "drawn", set())
    list(routes())  # every view is there
    for name, module in list(sys.modules.items()):
        if name.startswith("immis.web") and getattr(module, "render", None) is shortcuts.render:
            monkeypatch.setattr(module, "render", drawn)


@pytest.fixture
def people(db, data_dir, at, settings) -> tuple[Twin, dict[str, Any]]:
    at.set(NOW)
    mine = twins()[0]
    return mine, {"anybody": None, **mine.users, **{str(role): user for role, user in statewide().items()}}


#: After so many readers have found a record unknown at an address, the others are not asked: among the first are
#: headquarters, its district and its party.
ENOUGH_UNKNOWN = 3


class Known:
    """Which record fits a route, and how many readers have found nothing at an address."""

    def __init__(self) -> None:
        self.fitting: dict[str, str] = {}
        self.unknown: Counter[str] = Counter()

    def choices(self, route: str, names: list[str]) -> list[str]:
        """The addresses of a route that are worth a try."""
        if route in self.fitting:
            return [self.fitting[route]]
        return [address for address in filled(route, names) if self.unknown[address] < ENOUGH_UNKNOWN]


def addresses_for(
    reader: Reader, mine: Twin, known: Known, role: str, read_names: set[str]
) -> Iterator[tuple[str, Any]]:
    """Every route with the first record that this reader can open or send something to, and its page if it has one.

    ``known`` keeps which record fits a route, so that the next reader is not refused with all the others first;
    ``read_names`` are the names that the page has looked for.
    """
    names = mine.names()
    for route in routes():
        if route.startswith(NOT_WALKED) or route.endswith(LEFT_OUT):
            continue
        choices = known.choices(route, names)
        for address in choices[:1] if route.startswith(ONCE) else choices:
            if not open_to(address, role):  # closed to this post, whatever the record
                break
            status, answer = opened(reader, address, len(choices), read_names)
            known.unknown[address] += status == 404
            if status not in (401, 403, 404):
                known.fitting[route] = address
                names.sort(key=lambda name: f"/{name}/" not in address)  # the next route is often of the same record
                yield address, answer
                break
            if status in (401, 403):
                break


def opened(reader: Reader, address: str, choices: int, read_names: set[str]) -> tuple[int, Any]:
    """The status of an address and its page if it has one; of many records most are unknown, and asked for in short."""
    read_names.clear()
    answer = reader.get(address, **({"accept": "application/json"} if choices > 1 else {}))
    if answer.status_code in (401, 403, 404) and choices > 1:
        return answer.status_code, None
    if choices > 1 and answer.status_code != 405 and not is_page(answer):
        read_names.clear()
        answer = reader.get(address)
    if answer.status_code != 405:
        return answer.status_code, answer
    return reader.post(address, {}, accept="application/json"), None


def changes(kinds: dict[str, str], alone: list[str]) -> Iterator[dict[str, str]]:
    """All fields at once, each with another value, until each had every one; then each that is written, alone.

    ``kinds`` are the names with the kinds of their controls. What a field itself refused among others, or what was
    alone already, is not sent again.
    """
    given = [(name, FAMILIAR.values(name, kind)) for name, kind in kinds.items()]
    tried: set[tuple[str, str]] = set()
    for turn in range(max(len(values) for _name, values in given)):
        change = {name: values[(turn + 7 * place) % len(values)] for place, (name, values) in enumerate(given)}
        yield change
        tried |= {(name, value) for name, value in change.items() if len(given) == 1 or name in Refused.names}
    yield from ({name: value} for name in alone for value in PLAUSIBLE if (name, value) not in tried)


class Familiar:
    """Names that had every value at one page: the same few classes of fields read them everywhere.

    Elsewhere they are given what a first check may let through, for there a service answers.
    """

    enough = 1

    def __init__(self) -> None:
        self.times: Counter[tuple[str, str]] = Counter()

    def is_familiar(self, name: str, kind: str) -> bool:
        """Whether a name had every value before; from now on it had."""
        self.times[name, kind] += 1
        return self.times[name, kind] > self.enough

    def values(self, name: str, kind: str) -> tuple[str, ...]:
        """What a name is given at one more page."""
        if self.is_familiar(name, kind):
            return PLAUSIBLE
        kind = "chosen" if kind in CHOSEN else kind.removesuffix("time-local")
        return OF_KIND.get(kind, VALUES)


FAMILIAR = Familiar()


def try_form(reader: Reader, page: str, form: Form) -> None:
    target = urljoin(page, form.action or page)
    names = [name for name, kind in form.kinds.items() if kind != "file"]
    one_each = {re.sub(r"\d+", "", name): name for name in reversed(names)}.values()  # rows of a table are alike
    written = [name for name in one_each if form.kinds[name] not in CHOSEN]
    first, *others = form.variants()
    for change in changes({name: form.kinds[name] for name in names}, written) if names else ():
        is_alone = len(change) < len(names)
        if is_alone or not is_refused_without_files(reader, target, first | change, page):
            reader.post(target, first | change, page=page, brief=is_alone)
    for usual in (first, *others):
        reader.post(target, usual, page=page)
        for value in PLAUSIBLE if others and written else ():
            reader.post(target, usual | dict.fromkeys(written, value), page=page, brief=True)


def is_refused_without_files(reader: Reader, target: str, form_data: dict[str, Any], page: str) -> bool:
    """Whether a form with uploads is refused for another of its fields, so that they need not be sent with it."""
    written = {name: value for name, value in form_data.items() if isinstance(value, str)}
    if len(written) == len(form_data):
        return False
    reader.post(target, written, page=page)
    return not Refused.names.isdisjoint(written)


def is_page(answer: Any) -> bool:
    return "text/html" in answer.get("Content-Type", "") and not answer.streaming


def forms_in(answer: Any) -> list[Form]:
    return forms_of(answer.content.decode("utf-8", "replace")) if is_page(answer) else []


#: Those who can open most come first: what they found is not looked for again.
ROLES = ("hq", "district", "party", "checkpost", "collector", "monitoring", "anybody")


#: Pages of declared registers: named by a declaration, not by a record of the twin.
REGISTERS = {
    "hq": ("/registers/training/new/plan/", "/entries/{training}/", "/entries/{training}/acts/hold/"),
    "district": (
        "/registers/visitors/", "/registers/weekly_inspection/", "/registers/visitors/new/enter/",
        "/registers/weekly_inspection/new/hand_in/", "/registers/visitors/import/", "/registers/visitors/figures/",
        "/registers/weekly_inspection/duties/", "/registers/training/public/", "/entries/{visit}/",
        "/entries/{visit}/acts/meet/", "/entries/{training}/acts/enrol/",
    ),
}  # fmt: skip


def test_no_field_of_a_page_ends_in_an_error(people, read_names):
    mine, users = people
    known, odd = Known(), {}
    entries = {"visit": enter_visit(users["district"]), "training": enter_training(users["hq"])}
    for role in ROLES:
        reader = Reader(users[role])
        for address, answer in addresses_for(reader, mine, known, "public" if role == "anybody" else role, read_names):
            try_address(reader, address, answer, read_names)
        for address in REGISTERS.get(role, ()):
            try_page(reader, address.format(**entries), read_names)
        if reader.odd:
            odd[role] = reader.odd
    assert odd == {} and len(known.fitting) > 60


def try_page(reader: Reader, address: str, read_names: set[str]) -> None:
    read_names.clear()
    try_address(reader, address, reader.get(address), read_names)


def try_address(reader: Reader, address: str, answer: Any, read_names: set[str]) -> None:
    """What the address itself is asked, then every form of its page, if it has one.

    ``read_names`` are the names that it has looked for.
    """
    forms = forms_in(answer) if answer is not None else []
    forms = [form for form in forms if form.action != EVERYWHERE or address == EVERYWHERE]
    asked = {name: kind for form in forms if form.method == "get" for name, kind in form.kinds.items()}
    names = sorted((read_names | set(asked)) - {"csrfmiddlewaretoken"})
    written = [name for name, kind in asked.items() if kind not in CHOSEN]
    kinds = {name: asked.get(name, "") for name in names}
    for change in changes(kinds, written) if names and once(address, names) else ():
        if answer is not None:
            reader.get(address, change)
        else:
            reader.post(address, change)
    for form in forms:
        target = urljoin(address, form.action or address)
        sent = [*form.kinds, *(value for _, value in form.buttons)]
        if form.method == "post" and not target.endswith(LEFT_OUT) and once(target, sent):
            try_form(reader, address, form)


def test_the_fuzz_finds_a_reader_that_breaks(people, read_names, monkeypatch):
    monkeypatch.setattr("tests.web.walks.test_fuzz._known", set())
    monkeypatch.setattr("tests.web.walks.test_fuzz.FAMILIAR", Familiar())
    reader, entries = Reader(people[1]["district"]), selectors.entries

    def broken(viewer: Any, register: Any, find: Any = None) -> Any:
        if find is not None and find.text == "²":
            int(find.text)
        return entries(viewer, register, find)

    monkeypatch.setattr(selectors, "entries", broken)
    try_page(reader, "/registers/visitors/", read_names)
    assert reader.odd and all("²" in str(asked) for asked in reader.odd), reader.odd


_known: set[Any] = set()


def once(address: str, names: list[str]) -> bool:
    """Whether this view has not been asked for these names yet: what reads them is the same for every role."""
    view = (getattr(resolve(address.split("?")[0]), "view_name", ""), *names)
    if view in _known:
        return False
    _known.add(view)
    return True
