"""A person at a browser: opens pages in Hindi, and notices what no page may do.

Every page looked at must keep its console clean, break no content security policy and fit its window.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Response

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
PATIENCE_MS = 20_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
_DEVANAGARI = re.compile(r"[\u0900-\u097f]")


def until(
    what: str, holds: Callable[[], Any], *, patience_s: float = 30.0, look: Callable[[], object] | None = None
) -> Any:
    """Look again until something is so; ``look`` is done between two looks."""
    give_up = time.monotonic() + patience_s
    while not (found := holds()):
        assert time.monotonic() < give_up, f"not so after {patience_s:.0f} s: {what}"
        if look:
            look()
    return found


class Reader:
    """One person with one window, signed in as somebody of the cast or as nobody."""

    def __init__(self, browser: Browser, url: str, *, name: str = "", window: dict[str, int] = PHONE, shots: Path):
        self.url, self.name, self.window, self.shots = url, name, window, shots
        self.wrong: list[str] = []
        self.expected = {200}
        self._context = browser.new_context(
            base_url=url, locale="hi-IN", viewport=window, has_touch=window is PHONE, accept_downloads=True
        )
        self.page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script failed: {error}"))
        self.page.on("response", self._answered)
        if name:
            self.page.goto("/login")
            self.page.locator(f"button[name=username][value={name}]").click()
            self.page.locator("header .who .name").wait_for(state="attached")  # a phone shows it not
            assert self.page.locator("html").get_attribute("lang") == "hi"

    def sign_in_by(self, session: str) -> None:
        """Sign in with a session that exists already, where there is no log-in by one click."""
        self._context.add_cookies([{"name": "sessionid", "value": session, "url": self.url}])

    def _console(self, message: ConsoleMessage) -> None:
        answered = message.text.startswith("Failed to load resource: the server responded with a status of")
        if message.type == "error" and not answered:  # the status itself is judged in _answered
            self.wrong.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.wrong.append(f"{response.status} {response.request.method} {response.url}")

    def open(self, path: str) -> Page:
        """Open a page and look at it."""
        self.page.goto(path)
        self.look()
        return self.page

    def look(self, shot: str = "") -> None:
        """The page speaks Hindi, fits the window and has no fault; ``shot`` keeps a picture."""
        assert self.page.locator("html").get_attribute("lang") == "hi", self.page.url
        main = self.page.locator("main")
        assert _DEVANAGARI.search(main.inner_text()), self.page.url
        wide, window = self.page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
        assert wide <= window, f"{self.page.url} is {wide} px wide in a window of {window}"
        if shot:
            self.page.screenshot(path=self.shots / f"{shot}.png", full_page=True)
        assert not self.wrong, f"on {self.page.url}: {self.wrong}"

    def close(self) -> None:
        self._context.close()
