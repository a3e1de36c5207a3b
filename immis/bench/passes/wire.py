"""What the installed check costs on the wire: bytes that come to a phone at its first visit, and at the next ones."""

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from immis.bench.auction import database, installation
from immis.bench.own_postgres import Lacking

PAGE, LIMIT_BYTES = "/verify/app/hi/", 700_000
_QUIET_S = 3.0


class Wire:
    """A line to a server that counts what comes back."""

    def __init__(self, host: str, port: int):
        self.server, self.bytes = (host, port), 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                phone, _ = self._listening.accept()
            except OSError:
                return
            ours = socket.create_connection(self.server)
            threading.Thread(target=self._pass_on, args=(phone, ours, False), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(ours, phone, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        try:
            while block := source.recv(65_536):
                self.bytes += len(block) if counted else 0
                target.sendall(block)
        except OSError:
            pass
        for end in (source, target):
            end.close()

    def settled(self) -> int:
        """How many bytes have come since it was asked last, once nothing more comes."""
        before = -1
        while before != self.bytes:
            before = self.bytes
            time.sleep(_QUIET_S)
        self.bytes = 0
        return before

    def close(self) -> None:
        self._listening.close()


@contextmanager
def _phone() -> Iterator[Any]:
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        raise Lacking("Chromium is not installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise Lacking("playwright is not installed (pip install playwright)") from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_context(viewport={"width": 360, "height": 740}, locale="hi-IN")
        browser.close()


def _visited(page: Any, wire: Wire) -> int:
    page.goto(f"http://127.0.0.1:{wire.port}{PAGE}")
    page.locator("body[data-installed]").wait_for(timeout=60_000)
    return wire.settled()


def weigh() -> list[dict[str, Any]]:
    """Bytes of the first visit through the front, with all that is installed, and of a visit with nothing new."""
    with (
        tempfile.TemporaryDirectory(prefix="immis-bench-") as folder,
        database("sqlite", Path(folder)) as env,
        installation(env) as supervisor,
        _phone() as phone,
    ):
        host, port = supervisor.listen.split(":")
        wire, page = Wire(host, int(port)), phone.new_page()
        first, again = (_visited(page, wire) for _ in range(2))
        wire.close()
    return [
        {"part": "first visit of the installed page, bytes on the wire", "bytes": first, "limit_bytes": LIMIT_BYTES},
        {"part": "a visit within minutes of the first", "bytes": again},
    ]
