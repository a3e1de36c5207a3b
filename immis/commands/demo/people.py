"""A person at a browser: logs in, opens pages, fills in the forms that stand on them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from immis.adapters import over_http
from immis.commands.demo.cast import PASSWORD

#: A page that says what it is, for every paper that somebody hands in.
PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


class Stuck(Exception):
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
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
        if self._open is None:
            return
        name = given.get("name", "")
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
            value = given.get("value", "")
            self._open.choices.setdefault(self._select, []).append(value)
            if "selected" in given or self._select not in self._open.fields:
                self._open.fields[self._select] = value

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


def forms_of(html: str) -> list[Form]:
    """All forms of a page, with the values that stand in them."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


class Person:
    """One signed-in reader of the site."""

    def __init__(self, base: str, username: str):
        self.base = base
        self.username = username
        self.http = over_http.client(base_url=base, follow_redirects=True, timeout=30)

    def login(self, password: str = PASSWORD) -> "Person":
        """Sign in by password as anybody would."""
        self._enter(lambda form: "password" in form.fields, {"username": self.username, "password": password})
        return self

    def click_in(self) -> "Person":
        """Sign in by one click, as only a demonstration has it."""
        self._enter(lambda form: form.action.endswith("/login/demo"), {"username": self.username})
        return self

    def _enter(self, which: Callable[[Form], bool], fields: Mapping[str, str]) -> None:
        answer = self.send(self.open("/login"), which, fields, follow=False)
        if "sessionid" not in self.http.cookies:
            raise Stuck(f"{self.username} was not let in ({answer.status_code})")

    def open(self, path: str) -> httpx.Response:
        """Open a page. Raises Stuck when it answers with an error."""
        answer = self.http.get(path)
        if answer.status_code >= 400:
            raise Stuck(f"{self.username} opened {path}: {answer.status_code}")
        return answer

    def send(
        self,
        page: httpx.Response,
        which: Callable[[Form], bool],
        fields: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        lawful: bool = True,
        follow: bool = True,
    ) -> httpx.Response:
        """Fill in the first form that fits and send it; ``lawful=False`` takes a refusal (409) as an answer.

        ``follow=False`` does not look at the page to which the answer leads.
        """
        form = next((form for form in forms_of(page.text) if which(form)), None)
        if form is None:
            raise Stuck(f"{self.username} finds no such form on {page.url}")
        target = urljoin(str(page.url), form.action or str(page.url))
        values = {**form.fields, **(fields or {})}
        headers = {"Referer": str(page.url)}
        if form.method == "get":
            return self.http.get(target, params=values, headers=headers)
        answer = self.http.post(target, data=values, files=files, headers=headers, follow_redirects=follow)
        if answer.status_code >= 500 or (lawful and answer.status_code >= 400):
            codes = sorted(set(re.findall(r"/law/([A-Z]+-\d+)/", answer.text)))
            raise Stuck(f"{self.username} sent {urlsplit(target).path} {fields}: {answer.status_code} {codes}")
        return answer

    def call(self, path: str, payload: Mapping[str, Any] | None = None, *, lawful: bool = True, **form: Any) -> Any:
        """Call an address of the API as a program with this person's session would; answers its JSON.

        ``form`` (``data``, ``files``) is sent in place of JSON. ``lawful=False`` takes a refusal (409) as an answer.
        """
        headers = {"X-CSRFToken": self.http.cookies.get("csrftoken") or "", "Referer": f"{self.base}/"}
        body: dict[str, Any] = form or {"json": dict(payload or {})}
        answer = self.http.post(f"/api/v1{path}", headers=headers, **body)
        if answer.status_code >= 500 or (lawful and answer.status_code >= 400):
            raise Stuck(f"{self.username} called {path} {payload}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def ask(self, path: str) -> Any:
        """What the API answers at an address."""
        return self.open(f"/api/v1{path}").json()


def anybody(base: str) -> httpx.Client:
    """A visitor who is not signed in."""
    return over_http.client(base_url=base, follow_redirects=True, timeout=30)
