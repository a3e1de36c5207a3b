"""What axe found once, on every page: nothing to press inside another, labels as seen, contrast, names of papers."""

import re
from html.parser import HTMLParser

import pytest

from immis.web import static_dir
from tests.papers import name_of
from tests.web.twin import NOW, twins
from tests.web.walks.test_security_access import once_walked

pytestmark = pytest.mark.django_db
PRESSED = {"a", "button", "summary", "select", "textarea", "input"}
VOID = {"input", "img", "br", "hr", "meta", "link", "col", "source", "area", "wbr", "path", "line", "rect", "circle"}


class _Reader(HTMLParser):
    """Goes through a page and notes what a screen reader would stumble over."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.faults: list[str] = []
        self.texts: dict[int, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        pressed = tag in PRESSED and named.get("type") != "hidden" and (tag != "a" or "href" in named)
        for outer, of_outer in self.open if pressed else ():
            if outer in ("a", "button", "summary") or of_outer.get("role") in ("img", "button", "link"):
                self.faults.append(f"<{tag}> inside <{outer} {of_outer.get('role', '')}>")
        if tag in ("iframe", "object", "embed") and not named.get("title"):
            self.faults.append(f"<{tag}> without a title")
        if tag not in VOID:
            self.open.append((tag, named))
            self.texts[len(self.open)] = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_data(self, data: str) -> None:
        for depth in self.texts:
            self.texts[depth] += data

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            name, named = self.open.pop()
            text = " ".join(self.texts.pop(len(self.open) + 1).split())
            label = named.get("aria-label", "")
            if name in ("a", "button", "summary") and label and text and text.casefold() not in label.casefold():
                self.faults.append(f"<{name}> shows {text!r} and is called {label!r}")
            if name == tag:
                return


def faults_in(html: str) -> list[str]:
    reader = _Reader()
    reader.feed(re.sub(r"<(script|style|title)\b.*?</\1>", "", html, flags=re.DOTALL))
    return reader.faults


def test_every_page_can_be_read_and_pressed(client, db, data_dir, at, few_people):
    """The pages that a walk of a district's people, its bidder, headquarters and a visitor shows."""
    at.set(NOW)
    shown = once_walked(client, twins()[1])
    odd = {address: faults for address, html in shown.pages if (faults := faults_in(html))}
    papers = {name_of(content).split(" · ")[1] for content in shown.papers.values()}
    assert odd == {} and len(shown.pages) > 80
    assert {"e-Challan", "Letter of intent", "Statement of account"} < papers and len(papers) >= 5, papers


def test_the_fault_finder_finds():
    assert faults_in('<summary>x <a href="/law/">y</a></summary>')
    assert faults_in('<svg role="img" aria-label="x"><a href="/law/"><text>y</text></a></svg>')
    assert faults_in('<a href="/" aria-label="first · clause">first detail clause</a>')
    assert faults_in('<iframe src="/x"></iframe>')
    assert not faults_in('<svg role="group"><a href="/"><rect/><text>y</text></a></svg><a href="/">z</a>')


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_heat_of_the_dues_can_be_read_upon():
    css = static_dir() / "css"
    heats = re.findall(r"heat-\d(?: td\.hot)?\s*\{\s*background:\s*(#[0-9a-f]{6})", (css / "app.css").read_text())
    inks = re.findall(r"--(?:ink|ink-2|river):\s*(#[0-9a-f]{6})", (css / "tokens.css").read_text())
    assert len(heats) >= 10 and len(inks) == 3
    for heat in heats:
        for ink in inks:
            assert (_light(heat) + 0.05) / (_light(ink) + 0.05) >= 4.5, (heat, ink)
