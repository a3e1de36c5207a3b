"""A bare machine with PostgreSQL, on which somebody follows ``docs/operations/install.md`` word by word.

The blocks of the page are run as they stand by ``bash``, in the home of an account of its own. What the blocks marked
``root`` do is done here: a database, the unpacked program. Only the two addresses are changed, to free ports of this
machine alone.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from tests.doors.commands import ROOT, Done
from tests.doors.http import Person

PAGE = ROOT / "docs" / "operations" / "install.md"
SITE = "https://mines.example.in"
_BLOCK = re.compile(r"^```sh(?: (\w+))?\n(.*?)^```$", re.M | re.S)
_FOREIGN = ("DATABASE_URL", "PYTHONPATH", "VIRTUAL_ENV")
_LONGEST_S = 240


def blocks(mark: str | None) -> list[str]:
    """The blocks of commands of the page with a mark, in their order; ``None`` are those without one."""
    text = PAGE.read_text(encoding="utf8")
    return [block for its_mark, block in _BLOCK.findall(text) if its_mark == (mark or "")]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Proxy(httpx.HTTPTransport):
    """What stands before the installation: it ends TLS and says so; readers know the site by its name."""

    def __init__(self, port: int):
        super().__init__()
        self.port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        headers += [
            (b"Host", b"mines.example.in"),
            (b"X-Forwarded-Proto", b"https"),
            (b"X-Forwarded-For", b"203.0.113.7"),
        ]
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return super().handle_request(httpx.Request(request.method, url, headers=headers, stream=request.stream))


class Reader(Person):
    """A person at a browser; ``landed`` is the page that the log-in led to."""

    def __init__(self, http: httpx.Client, name: str, password: str):
        self.base, self.name, self.http, self.password = SITE, name, http, password
        self.speak("en")
        words = {"username": name, "password": password}
        self.landed = self.send(self.open("/login"), lambda form: "password" in form.fields, words, lawful=False)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code < 500
    except httpx.TransportError:
        return False


class BareMachine:
    """The account of the page in a home of its own, and a server of records beside it."""

    def __init__(self, home: Path, server_uri: str, tools: Path | None = None):
        home.mkdir(mode=0o700)
        self.home, self.port, self.gateway_port = home, _free_port(), _free_port()
        parts = urlsplit(server_uri)
        host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
        kept = {k: v for k, v in os.environ.items() if k not in _FOREIGN and not k.startswith(("IMMIS_", "PG"))}
        path = os.pathsep.join(filter(None, [str(tools or ""), kept["PATH"]]))
        self.env = {**kept, "HOME": str(home), "PATH": path, "PGHOST": unquote(host), "PGPORT": str(parts.port or 5432)}
        self.env |= {"PGUSER": unquote(parts.username or "immis"), "DJANGO_SETTINGS_MODULE": ""}
        self.env.pop("DJANGO_SETTINGS_MODULE")

    # -- what root does

    def unpack(self, version: str) -> None:
        """The program, in the folder of a version."""
        (self.home / "versions").mkdir(exist_ok=True)
        (self.home / "versions" / version).symlink_to(ROOT)

    def sql(self, *statements: str, database: str = "postgres") -> None:
        for statement in statements:
            words = ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
            subprocess.run(words, env=self.env, check=True, capture_output=True, text=True, timeout=60)

    # -- what the account does

    def run(self, block: str) -> Done:
        """One block of the page."""
        moved = block.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        moved = moved.replace("0.0.0.0:5023", f"127.0.0.1:{self.gateway_port}")
        words = ["bash", "-euo", "pipefail", "-c", moved]
        done = subprocess.run(
            words, env=self.env, cwd=self.home, capture_output=True, text=True, timeout=_LONGEST_S, umask=0o022
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def follow(self, mark: str | None) -> str:
        """Every block with a mark, one after the other; each must do what it says. Answers what they printed."""
        printed = ""
        for block in blocks(mark):
            done = self.run(block)
            assert done.code == 0, f"{block}\n{done.out}\n{done.errors}"
            printed += done.out
        return printed

    @contextmanager
    def started(self) -> Iterator[Path]:
        """What the service runs, until the block ends; answers its log."""
        (block,) = blocks("start")
        log = self.home / f"log-{time.monotonic_ns()}"
        with log.open("w") as lines:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {block.strip()}"], env=self.env, cwd=self.home, stdout=lines, stderr=lines
            )
        try:
            until = time.monotonic() + 90
            while "IMMIS answers at" not in log.read_text():
                assert process.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(0.1)
            yield log
        finally:
            process.terminate()
            process.wait(timeout=30)

    @contextmanager
    def another_web(self) -> Iterator[int]:
        """A second process of pages beside those of the service, on the same records; answers its port."""
        port, log = _free_port(), self.home / f"log-{time.monotonic_ns()}"
        words = ["bash", "-c", f"exec {self.home}/immis web --workers 1 --listen 127.0.0.1:{port}"]
        with log.open("w") as lines:
            process = subprocess.Popen(words, env=self.env, cwd=self.home, stdout=lines, stderr=lines)
        try:
            until = time.monotonic() + 60
            while not _answers(port):
                assert process.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=30)

    def reader(self, name: str, password: str) -> "Reader":
        """A person who logs in, at a browser that reaches the site through its proxy."""
        http = httpx.Client(base_url=SITE, transport=_Proxy(self.port), follow_redirects=True, timeout=30)
        return Reader(http, name, password)

    def led_to(self, reader: "Reader", port: int) -> httpx.Client:
        """The same browser, whose proxy leads it to another process of pages."""
        http = httpx.Client(base_url=SITE, transport=_Proxy(port), follow_redirects=True, timeout=30)
        http.cookies = reader.http.cookies
        http.headers = reader.http.headers
        return http

    def verify_units(self) -> Done | None:
        """What ``systemd-analyze verify`` says of the units, with the home of this machine; None where it is not."""
        if shutil.which("systemd-analyze") is None:
            return None
        folder = self.home / "units"
        folder.mkdir()
        for path in (ROOT / "deploy").glob("immis*.*"):
            text = path.read_text().replace("/srv/immis", str(self.home)).replace("User=immis", "User=root")
            (folder / path.name).write_text(text.replace("Group=immis", "Group=root"))
        words = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(folder.iterdir()))]
        done = subprocess.run(words, env={**self.env, "SYSTEMD_LOG_COLOR": "0"}, capture_output=True, text=True)
        return Done(done.returncode, done.stdout, done.stderr)
