"""Seasons for journeys: the real processes on a folder of their own, played by a stagehand, looked at in Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doors.installation import Season, Stores, standing_on

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def kept_season(played: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """A season whose processes stand on a copy of what the demo left, for all files that begin there.

    Its front counts nobody's requests: journeys ask faster than any person does, and how much one address may ask
    for is tried on a front of its own.
    """
    unlimited = {"IMMIS_REQUESTS_A_SECOND": "0"}
    yield from standing_on(played, tmp_path_factory.mktemp("kept"), "kept_season", more=unlimited)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; without one the tests are skipped, or fail where nothing may be skipped."""
    from tests.journeys.reader import FLAGS

    if not CHROMIUM:
        reason = "Chromium is not installed; the browser tests need one"
        if os.environ.get("IMMIS_NO_SKIP") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def readers(browser: Any, season: Season, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """``readers(name, window)`` is that person's window, opened once; no name is a visitor."""
    from tests.journeys.reader import PHONE, Reader

    given = os.environ.get("IMMIS_TEST_SHOTS")
    shots = Path(given) if given else tmp_path_factory.mktemp("shots")
    opened: dict[str, Reader] = {}

    def reader(name: str = "", window: dict[str, int] = PHONE) -> Reader:
        if name not in opened:
            user = season.user_ids.get(name, name)
            opened[name] = Reader(browser, season.url, name=user, window=window, shots=shots)
        return opened[name]

    yield reader
    for one in opened.values():
        one.close()
