"""A person at a browser without scripts, and a program at the API: log in, open, fill in the form that stands there."""

import hashlib
import hmac
import json
import time
from base64 import b32decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

PASSWORD = "demo-season-2026"  # of everybody in the demo
_PATIENCE_S = 60


class Stuck(AssertionError):
    """A page lacks the form that was looked for, or answered with an error."""


@dataclass
class Form:
    """One form of a page as a browser would send it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None:
            self._control(tag, given.get("name", ""), given)

    def _control(self, tag: str, name: str, given: dict[str, str]) -> None:
        assert self._open is not None
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "button" and name:
            self._open.buttons.append((name, given.get("value", "")))
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self._open.fields[name] = ""
        elif tag == "option" and self._select:
            self._open.choices.setdefault(self._select, []).append(given.get("value", ""))
            if "selected" in given or self._select not in self._open.fields:
                self._open.fields[self._select] = given.get("value", "")

    def _input(self, name: str, given: dict[str, str]) -> None:
        assert self._open is not None
        kind = given.get("type", "text")
        if kind in {"radio", "checkbox"}:
            self._open.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" not in given:
                return
        if kind == "file":
            self._open.files.append(name)
        elif kind != "submit":
            self._open.fields[name] = given.get("value", "on" if kind == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            self._open.fields[self._area] += data


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app shows for a secret now (RFC 6238), or some steps of half a minute away."""
    counter = (int(time.time()) // 30 + steps).to_bytes(8)
    digest = hmac.new(b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"


def forms_of(html: str) -> list[Form]:
    """All forms of a page, with the values that stand in them."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


class Person:
    """One reader of the site, signed in by password, or a visitor where the name is empty."""

    def __init__(self, base: str, name: str, lang: str = "en", *, password: str = PASSWORD):
        self.base, self.name, self.password = base, name, password
        self.http = httpx.Client(base_url=base, follow_redirects=True, timeout=_PATIENCE_S, trust_env=False)
        if name:
            page = self.open("/login")
            landed = self.send(page, lambda form: "password" in form.fields, {"username": name, "password": password})
            assert "sessionid" in self.http.cookies, f"{name} was not let in"
            self.choose_own(landed)
        self.speak(lang)

    def choose_own(self, landed: httpx.Response) -> httpx.Response:
        """Choose a password of one's own where the log-in led to that page; answers the page that comes after."""
        if landed.url.path != "/password":
            return landed
        own = f"{self.password}-own"
        words = {"oldpassword": self.password, "password1": own, "password2": own}
        after = self.send(landed, lambda form: "oldpassword" in form.fields, words)
        self.password = own
        return after

    def speak(self, lang: str) -> None:
        """Choose the language of the pages."""
        self.open(f"/language?to={lang}&next=/help/")

    def open(self, path: str) -> httpx.Response:
        """Open a page. Raises Stuck when it answers with an error."""
        answer = self.http.get(path)
        if answer.status_code >= 400:
            raise Stuck(f"{self.name or 'a visitor'} opened {path}: {answer.status_code}")
        return answer

    def send(
        self,
        page: httpx.Response,
        which: Callable[[Form], bool],
        fields: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        lawful: bool = True,
    ) -> httpx.Response:
        """Fill in the first form that fits and send it; ``lawful=False`` takes a refusal (4xx) as an answer."""
        form = next((form for form in forms_of(page.text) if which(form)), None)
        if form is None:
            raise Stuck(f"{self.name} finds no such form on {page.url}")
        target = urljoin(str(page.url), form.action or str(page.url))
        values = {**form.fields, **(fields or {})}
        headers = {"Referer": str(page.url)}
        if form.method == "get":
            return self.http.get(target, params=values, headers=headers)
        answer = self.http.post(target, data=values, files=files, headers=headers)
        if answer.status_code >= 500 or (lawful and answer.status_code >= 400):
            raise Stuck(f"{self.name} sent {target} {fields}: {answer.status_code}")
        return answer


class PageDoor:
    """``page("mdo")`` is that person, signed in once; ``page()`` is a visitor.

    ``user_ids`` are those that bidders were mailed, by the names that the season has for them.
    """

    def __init__(self, base: str, user_ids: Mapping[str, str]):
        self.base, self.user_ids = base, user_ids
        self._people: dict[str, Person] = {}
        self._own: dict[tuple[str, str], str] = {}

    def __call__(self, name: str = "") -> Person:
        if name not in self._people:
            self._people[name] = Person(self.base, self.user_ids.get(name, name))
        return self._people[name]

    def fresh(self, name: str, password: str) -> Person:
        """A person who signs in anew by a password that was given, or by the one that they chose in its place."""
        person = Person(self.base, name, password=self._own.get((name, password), password))
        self._own[name, password] = person.password
        return person

    def close(self) -> None:
        for person in self._people.values():
            person.http.close()


class ApiDoor:
    """``api("mdo").get("/api/v1/…")`` as JSON; ``api()`` is not signed in."""

    def __init__(self, people: PageDoor):
        self._people = people

    def __call__(self, name: str = "") -> "Api":
        return Api(self._people(name))


def program(base: str, key: str) -> httpx.Client:
    """A program of somebody's that calls with a key for programs, and with nothing else."""
    return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {key}"}, trust_env=False)


class Api:
    """A program that holds a person's session."""

    def __init__(self, person: Person):
        self.person = person

    def get(self, path: str) -> Any:
        """The answer as JSON. Raises Stuck for an error."""
        return self.person.open(path).json()

    def post(self, path: str, payload: Mapping[str, Any]) -> httpx.Response:
        """Send JSON as the page's scripts do."""
        http = self.person.http
        headers = {
            "X-CSRFToken": http.cookies.get("csrftoken") or "",
            "Referer": f"{self.person.base}/",
            "Content-Type": "application/json",
        }
        return http.post(path, content=json.dumps(payload), headers=headers)
