"""axe in Chromium on every page of every post, in both languages and widths, on a demonstration that was kept.

``make axe`` plays one into ``var/axe`` first; ``IMMIS_DATA`` names another. ``POSTS="district hq"``, ``PAGES=lease``
(part of a page's name), ``LANGS=hi``, ``WIDTHS=360`` and ``TEXT=200`` (letters twice as large: nothing may be cut or
lie over another) restrict it. What was walked stands in ``axe.jsonl`` beside the data and is not walked again;
``FRESH=1`` begins anew. Two browsers at a time. The exit status is 1 where anything was found.
"""

import json
import os
import re
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
DATA = Path(os.environ.get("IMMIS_DATA", ROOT / "var" / "axe")).resolve()
os.environ |= {"IMMIS_DATA": str(DATA), "IMMIS_DEMO": "1", "DATABASE_URL": ""}

from immis import setup_django  # noqa: E402  reads the environment

setup_django()
from django.urls import Resolver404, resolve  # noqa: E402
from playwright.sync_api import Browser, Error, Page, sync_playwright  # noqa: E402

from tests.doors.http import Person, Stuck  # noqa: E402
from tests.doors.installation import Season  # noqa: E402
from tests.journeys.reader import DESK, FLAGS, PHONE  # noqa: E402
from tests.web.axe import AXE, LARGER, LOST, MAPS, RUN, SCREENS, TWICE  # noqa: E402

#: Posts and who holds them in the demonstration.
POSTS = {
    "anybody": "", "settlee": "gangotri", "defaulter": "kaushiki", "district": "mdo", "collector": "collector",
    "hq": "hq", "monitoring": "monitoring", "checkpost": "checkpost", "administrator": "admin",
}  # fmt: skip
SIZES = {360: PHONE, 1280: DESK}
TEXT = int(os.environ.get("TEXT", "100"))
_OF_A_PAGE, _MOST = 2, 220
#: Where a walk begins; the installed pages stand here because nothing but a phone's first screen need lead to them.
_BEGINS = (
    "/", "/new/", "/more/", "/search/?q=MUN", "/verify/app/hi/", "/gate/app/hi/", "/weighbridge/station/", "/uptime/",
)  # fmt: skip
_NO_PAGE = re.compile(
    r"^/(static|data/.|api/|logout|language|metrics|healthz|readyz)|\.(\w{2,7})$|/(file|paper|proof)s?/?$"
)


def chosen(name: str, all_of: Any) -> list[Any]:
    """What the environment restricts to, all where it does not."""
    words = os.environ.get(name, "").split()
    return [row for row in all_of if not words or str(row) in words]


@dataclass(frozen=True)
class Post:
    """One post: its session, and one or two addresses of each page that it is led to."""

    name: str
    session: str
    pages: tuple[tuple[str, str], ...]


def pages_of(person: Person) -> Iterator[tuple[str, str]]:
    """Every page that links lead to, by its name, breadth first; of each name two, as records differ."""
    waiting, seen, counts = list(_BEGINS), set[str](), Counter[str]()
    while waiting and sum(counts.values()) < _MOST:
        address = waiting.pop(0)
        name = _name(address)
        if not name or address in seen or counts[name] >= _OF_A_PAGE:
            continue
        seen.add(address)
        try:
            answer = person.open(address)
        except Stuck:
            continue
        if "text/html" not in answer.headers["content-type"] or answer.url.host != urlsplit(person.base).hostname:
            continue
        counts[name] += 1
        yield name, address
        waiting += re.findall(r'href="(/[^"#?]*)[^"]*"', answer.text)


def _name(address: str) -> str:
    path = urlsplit(address).path
    if _NO_PAGE.search(path):
        return ""
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


class Kept:
    """What was walked, a line each; a walk that was broken off goes on where it stopped."""

    def __init__(self, path: Path):
        self.path = path
        if os.environ.get("FRESH") == "1":
            path.unlink(missing_ok=True)
        lines = path.read_text().splitlines() if path.exists() else []
        self.rows = [json.loads(line) for line in lines]
        self.known = {self.key(row) for row in self.rows}

    @staticmethod
    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        return row["post"], row["address"], row["lang"], row["width"], row["text"]

    def add(self, row: dict[str, Any]) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def faults_of(page: Page, address: str, *, width: int, larger: bool) -> list[str]:
    """What axe and we find on a page as it stands in the window."""
    answer = page.goto(address, wait_until="load")
    if answer is None or answer.status >= 400:
        return [f"status: answers {answer and answer.status}"]
    if larger:
        return list(dict.fromkeys(page.evaluate(LOST)))
    odd = [f"id-twice: {name}" for name in page.evaluate(TWICE)] + page.evaluate(RUN, True)
    wide = page.evaluate("document.scrollingElement.scrollWidth")
    screens = page.evaluate("document.scrollingElement.scrollHeight") / SIZES[width]["height"]
    if screens > SCREENS[width]:
        odd.append(f"screens: {screens:.1f} before what stands under more, {SCREENS[width]} are allowed")
    return odd + ([f"too-wide: the page is {wide} px wide"] if wide > width else [])


def walk(post: Post, base: str, path: str) -> None:
    """All pages of one post, in a browser of its own."""
    kept = Kept(Path(path))
    with sync_playwright() as play:
        found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = play.chromium.launch(
            executable_path=found, headless=True, args=[*FLAGS, *([LARGER] if TEXT > 100 else [])]
        )
        for lang in chosen("LANGS", ("hi", "en")):
            for width in chosen("WIDTHS", SIZES):
                _walk_window(browser, post, base, kept, lang, width)
        browser.close()


def _walk_window(browser: Browser, post: Post, base: str, kept: Kept, lang: str, width: int) -> None:
    context = browser.new_context(base_url=base, viewport=SIZES[width], reduced_motion="reduce")
    cookies = {"sessionid": post.session, "immis_language": lang}
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items() if value])
    page, faults = context.new_page(), list[str]()
    page.add_init_script(path=AXE)
    page.route("**/maplibre-gl/**", lambda route: route.abort() if not drawn else route.continue_())
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    for name, address in post.pages:
        row: dict[str, Any] = {
            "post": post.name,
            "page": name,
            "address": address,
            "lang": lang,
            "width": width,
            "text": TEXT,
        }
        if kept.key(row) in kept.known or os.environ.get("PAGES", "") not in name:
            continue
        drawn = name in MAPS
        faults.clear()
        try:
            odd = faults_of(page, address, width=width, larger=TEXT > 100)
        except Error as error:
            odd = [f"browser: {str(error).splitlines()[0]}"]
        kept.add({**row, "odd": [*odd, *(faults if drawn else [])]})
    context.close()


def summary(rows: list[dict[str, Any]]) -> int:
    """What was found, by rule, with the pages on which it was; answers how many kinds."""
    by_rule: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for fault in row["odd"]:
            rule, _, what = fault.partition(": ")
            by_rule[rule][what].append(f"{row['post']} {row['address']} {row['lang']} {row['width']} {row['text']} %")
    print(f"{len(rows)} walked, {sum(bool(row['odd']) for row in rows)} with a finding")
    for rule, whats in sorted(by_rule.items(), key=lambda item: -sum(map(len, item[1].values()))):
        print(f"\n{rule}: {sum(map(len, whats.values()))}")
        for what, where in sorted(whats.items(), key=lambda item: -len(item[1]))[:12]:
            print(f"  {len(where):4} {what[:200]}\n       {where[0]}")
    return len(by_rule)


def posts_of(season: Season) -> Iterator[Post]:
    for name in chosen("POSTS", POSTS):
        person = Person(season.url, season.user_ids.get(POSTS[name], POSTS[name]))
        yield Post(name, person.http.cookies.get("sessionid", ""), tuple(pages_of(person)))


def main() -> int:
    if not (DATA / "demo.json").exists():
        print(f"{DATA} holds no demonstration; make one: IMMIS_DATA={DATA} immis demo --headless", file=sys.stderr)
        return 2
    path = DATA / "axe.jsonl"
    Kept(path)
    os.environ["FRESH"] = ""
    season = Season(DATA, keep=True, more={"IMMIS_DATA": str(DATA), "IMMIS_REQUESTS_A_SECOND": "0"})
    try:
        with ProcessPoolExecutor(2) as pool:
            jobs = [pool.submit(walk, post, season.url, str(path)) for post in posts_of(season)]
            for job in jobs:
                job.result()
    finally:
        season.end()
    return 1 if summary(Kept(path).rows) else 0


if __name__ == "__main__":
    sys.exit(main())
