"""A person at Chromium: opens pages, fills in the forms that stand on them, and presses their buttons."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Response

from tests.doors import Form, Stuck, code_of, forms_of, words_of

DESK = {"width": 1280, "height": 900}
#: Whatever folds a control away is opened, as a person would press it.
UNFOLD = """box => {
  for (let outer = box.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
  const tab = box.closest(".tab");
  return tab && tab.id && !tab.offsetParent && !box.offsetParent ? tab.id : "";
}"""


@dataclass(frozen=True)
class Seen:
    """A page as it stood in the window: its address, its status and its HTML."""

    url: str
    status_code: int
    text: str

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


class Reader:
    """One person with a window of his own; no name is a visitor. Notes every fault of a page in ``wrong``."""

    def __init__(self, browser: Browser, base: str, name: str = "", password: str = ""):
        self.base, self.name, self.password, self.secret = base, name, password, ""
        self.wrong: list[str] = []
        self._context = browser.new_context(base_url=base, viewport=DESK, accept_downloads=True)
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("response", self._answered)
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: script failed: {error}"))
        self.open("/language?to=en&next=/help/")
        if name:
            self.sign_in()

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.wrong.append(f"{response.status} {response.request.method} {response.url}")

    # -- signing in

    def sign_in(self) -> None:
        """Log in; choose a password of one's own and set an app for codes up where the pages lead there."""
        given = {"username": self.name, "password": self.password}
        landed = self.send(self.open("/login"), lambda form: "password" in form.fields, given)
        if landed.path == "/login/second":
            landed = self.send(landed, lambda form: "code" in form.fields, {"code": code_of(self.secret, steps=1)})
        if landed.path == "/password":
            own = f"{self.password}-own"
            words = {"oldpassword": self.password, "password1": own, "password2": own}
            landed = self.send(landed, lambda form: "oldpassword" in form.fields, words)
            self.password = own
        if landed.path == "/account/second":
            page = self.open("/account/second/app")
            self.secret = self.page.locator("#totp-secret").inner_text().strip()
            self.send(page, lambda form: "code" in form.fields, {"code": code_of(self.secret)})

    # -- pages

    def seen(self, status: int = 200) -> Seen:
        return Seen(self.page.url, status, self.page.content())

    def open(self, path: str, *, lawful: bool = True) -> Seen:
        """Open a page. Raises Stuck where it answers with an error, unless that is wanted."""
        answer = self.page.goto(path)
        assert answer is not None
        if lawful and answer.status >= 400:
            raise Stuck(f"{self.name or 'a visitor'} opened {path}: {answer.status}")
        return self.seen(answer.status)

    def send(
        self,
        seen: Seen,
        which: Callable[[Form], bool],
        fields: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        lawful: bool = True,
    ) -> Seen:
        """Fill in the first form that fits and press its button; ``lawful=False`` takes a refusal as an answer."""
        if self.page.url.partition("#")[0] != seen.url.partition("#")[0]:
            self.open(seen.url)
        forms = forms_of(self.page.content())
        place = next((number for number, form in enumerate(forms) if which(form)), None)
        if place is None:
            raise Stuck(f"{self.name} finds no such form on {self.page.url}")
        form, given = self.page.locator("form").nth(place), dict(fields or {})
        for name, value in given.items():
            self._fill(form, name, str(value))
        for name, (filename, content, kind) in (files or {}).items():
            box = form.locator(f"input[type=file][name='{name}']")
            self._unfold(box)
            box.set_input_files({"name": filename, "mimeType": kind, "buffer": content})
        answer = self._press(form, forms[place], given)
        if answer.status_code >= 500 or (lawful and answer.status_code >= 400):
            raise Stuck(f"{self.name} sent {seen.url} {given}: {answer.status_code}")
        return answer

    def _unfold(self, box: Locator) -> None:
        if tab := box.first.evaluate(UNFOLD):
            self.page.locator(f"nav.tabs a[href='#{tab}']").click()

    def _fill(self, form: Locator, name: str, value: str) -> None:
        box = form.locator(f"[name='{name}']")
        if not box.count():
            raise Stuck(f"{self.name} finds no field {name} on {self.page.url}")
        kind = box.first.evaluate("box => box.type")
        if kind in ("hidden", "submit"):
            return
        self._unfold(box)
        if name == "sure" and not box.first.is_visible():
            return  # scripts ask in a window of their own, see _press
        if kind in ("radio", "checkbox"):
            exact = form.locator(f"[name='{name}'][value='{value}']")
            (exact if exact.count() else box).first.check()
        elif kind.startswith("select"):
            box.first.select_option(value)
        else:
            box.first.fill(value)

    def _press(self, form: Locator, known: Form, given: Mapping[str, Any]) -> Seen:
        wanted = next(((name, value) for name, value in known.buttons if str(given.get(name)) == value), None)
        selector = f"button[name='{wanted[0]}'][value='{wanted[1]}']" if wanted else "button:not([type=button])"
        press = form.locator(selector).last
        self._unfold(press)
        asks = form.get_attribute("data-ends") is not None  # what cannot be undone is shown once more
        with self.page.expect_navigation(wait_until="load") as led:
            press.click()
            if asks:
                self.page.locator("dialog[open] [data-yes]").click()
        answer = led.value
        return self.seen(answer.status if answer else 200)

    def until(self, path: str, words: str, *, patience_s: float = 60) -> Seen:
        """Open a page again until words stand on it, as they are read or as the page is written."""
        give_up = time.monotonic() + patience_s
        while words not in (seen := self.open(path)).text and words not in words_of(seen.text):
            if time.monotonic() > give_up:
                raise Stuck(f"{words!r} never stood on {path}")
            time.sleep(0.7)
        return seen

    def shot(self, path: Path) -> None:
        self.page.screenshot(path=path, full_page=True)

    def close(self) -> None:
        self._context.close()
