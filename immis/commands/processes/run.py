"""``immis run``: all processes of one installation under one supervisor.

Front, web, events, worker and gateway are started, watched, started again when
they die, and ended together. ``Supervisor`` is also what ``immis demo`` and the
journey tests use.
"""

import contextlib
import fcntl
import json
import os
import signal
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import click

from immis import clock, front
from immis.commands.processes.addresses import ADDRESS, answers, split, taken
from immis.commands.processes.children import Child
from immis.commands.processes.preparing import CannotRun, first_start_lines, prepare
from immis.live import MOST_WATCHERS
from immis.private import keep_private, make_private, require_private_data
from immis.reading import whole_number

_TEND_S = 0.1
_GRACE_S = 10.0
_SOCKETS = ("web", "files", "events")
_LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes


def own_address(address: str) -> str:
    """An address as a program on this machine reaches it."""
    host, port = split(address)
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"{host}:{port}"


class Supervisor:
    """All processes of one installation.

    ``listen`` and ``gateway_listen`` are ``HOST:PORT``; ``env`` adds to the environment of
    the children; ``say`` takes their lines; ``extra`` are further commands by name (the
    demo's treasury simulator). Use as a context manager, or ``start`` … ``stop``.
    """

    def __init__(
        self,
        *,
        listen: str,
        gateway_listen: str,
        env: Mapping[str, str] | None = None,
        say: Callable[[str], None] | None = None,
        extra: Mapping[str, Sequence[str]] | None = None,
        without: Sequence[str] = (),
    ):
        self.listen, self.gateway_listen = listen, gateway_listen
        self.run_dir = clock.data_dir() / "run"
        self.say = say or _to_stderr
        self.env = {**os.environ, "IMMIS_DATA": str(clock.data_dir()), "PYTHONUNBUFFERED": "1", **(env or {})}
        self.extra, self.without = dict(extra or {}), set(without)
        self.children: list[Child] = []
        self.stopping = threading.Event()
        self._watch: threading.Thread | None = None
        self._sockets = ""
        self._lock: IO[str] | None = None

    # -- life

    def start(self) -> None:
        """Migrate, write the front's configuration, start every process. Raises CannotRun."""
        keep_private()
        require_private_data()
        self._take_lock()
        try:
            for name, address in (("--listen", self.listen), ("the gateway", self.gateway_listen)):
                if name == "the gateway" and "gateway" in self.without:
                    continue
                if why := taken(address):
                    raise CannotRun(
                        f"cannot listen on {address} ({name}): {why}; stop what listens there or choose another"
                    )
            prepare()
            if "web" not in self.without and not self.env.get("IMMIS_DEMO"):
                for line in first_start_lines(f"http://{own_address(self.listen)}/"):
                    self.say(line)
            self.children = [
                Child(name, argv, self.env, self.say) for name, argv in self._commands() if name not in self.without
            ]
            if (streams := front.most_streams()) < MOST_WATCHERS and "front" not in self.without:
                self.say(f"front   | at most {streams} live streams: raise the number of open files (LimitNOFILE)")
            for child in self.children:
                if child.name == "front":
                    self._wait_for_sockets()
                child.start()
        except BaseException:
            self.stop()
            raise
        self._watch = threading.Thread(target=self._tend, daemon=True, name="supervisor")
        self._watch.start()

    def wait_ready(self, timeout_s: float = 60.0) -> None:
        """Return when pages, gateway and event streams answer. Raises CannotRun with what does not, in time."""
        until = time.monotonic() + timeout_s
        while missing := self._not_ready():
            if time.monotonic() > until:
                raise CannotRun(f"not ready after {timeout_s:.0f} s: {', '.join(missing)}")
            if self.stopping.wait(0.1):
                raise CannotRun("stopped while starting")

    def stop(self) -> None:
        """End every process and all that it started: politely, then after ten seconds by force."""
        self.stopping.set()
        if self._watch and self._watch is not threading.current_thread():
            self._watch.join()
        for child in self.children:
            child.signal_all(signal.SIGTERM)
        until = time.monotonic() + _GRACE_S
        for child in self.children:
            if not child.wait(until):
                self.say(f"{child.name:<8}| does not end; killed")
            child.signal_all(signal.SIGKILL)
            child.wait(time.monotonic() + 5)
        self._tidy()

    def signal_children(self, number: int) -> None:
        """Hand a signal (SIGHUP, SIGUSR1) on to every process."""
        for child in self.children:
            if child.alive and child.process:
                child.process.send_signal(number)

    def status(self) -> dict[str, Any]:
        """Where it answers and which processes run, for ``--json`` and for tests."""
        return {
            "ready": not self._not_ready(),
            "url": f"http://{own_address(self.listen)}/",
            "gateway": self.gateway_listen,
            "pids": {child.name: child.pid for child in self.children},
            "restarts": {child.name: child.restarts for child in self.children},
        }

    def __enter__(self) -> "Supervisor":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- parts

    def _commands(self) -> list[tuple[str, Sequence[str]]]:
        web, files, events = map(self._socket, _SOCKETS)
        nginx = front.write(
            front.Front(
                listen=self.listen,
                web=web,
                files=files,
                events=events,
                run_dir=self.run_dir,
                trusted_proxy=self.env.get("IMMIS_TRUSTED_PROXY", ""),
                certificate=self.env.get("IMMIS_TLS_CERTIFICATE", ""),
                certificate_key=self.env.get("IMMIS_TLS_KEY", ""),
                requests_a_second=_requests_a_second(self.env),
            )
        )
        own = [sys.executable, "-m", "immis.cli"]
        return [
            *self.extra.items(),
            ("web", [*own, "web", "--listen", web, "--pages"]),
            ("files", [*own, "web", "--listen", files, "--for-files"]),
            ("events", [*own, "events", "--listen", events]),
            ("gateway", [*own, "gateway", "--listen", self.gateway_listen]),
            ("worker", [*own, "worker"]),
            ("front", nginx),
        ]

    def _socket(self, name: str) -> str:
        """A socket that only this user reaches, in the run folder or, where that path is too long, in a short one."""
        if not self._sockets:
            self.run_dir.mkdir(parents=True, exist_ok=True)
            short = len(str(self.run_dir)) + 15 <= _LONGEST_SOCKET_PATH
            self._sockets = str(self.run_dir) if short else tempfile.mkdtemp(prefix="immis-")
        path = Path(self._sockets) / f"{name}.sock"
        path.unlink(missing_ok=True)
        return f"unix:{path}"

    def _wait_for_sockets(self, timeout_s: float = 120.0) -> None:
        """The front starts when there is something behind it, so that its log begins without errors.

        What has died is known at once; the time is for a machine on which loading takes long.
        """
        wanted = {name: Path(self._sockets) / f"{name}.sock" for name in _SOCKETS if name not in self.without}
        until = time.monotonic() + timeout_s
        while not all(answers(f"unix:{path}") for path in wanted.values()):
            dead = [child.name for child in self.children if child.name in wanted and not child.alive]
            if dead or time.monotonic() > until:
                raise CannotRun(f"{', '.join(dead or wanted)} did not start; its lines above say why")
            if self.stopping.wait(0.02):
                raise CannotRun("stopped while starting")

    def _take_lock(self) -> None:
        make_private(self.run_dir)
        self._lock = (self.run_dir / "supervisor.lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            self._lock = None
            raise CannotRun(f"immis run is already running on {clock.data_dir()}; stop it or set IMMIS_DATA") from error

    def _tidy(self) -> None:
        if self._sockets:
            for name in _SOCKETS:
                (Path(self._sockets) / f"{name}.sock").unlink(missing_ok=True)
            if self._sockets != str(self.run_dir):
                with contextlib.suppress(OSError):
                    os.rmdir(self._sockets)
        if self._lock:
            self._lock.close()
            self._lock = None

    def _tend(self) -> None:
        while not self.stopping.wait(_TEND_S):
            for child in self.children:
                child.tend()

    def _not_ready(self) -> list[str]:
        missing = [child.name for child in self.children if not child.alive]
        if "front" not in self.without:
            missing += [path for path in ("/readyz", "/events/healthz") if not self._page_answers(path)]
        if "gateway" not in self.without and not answers(self.gateway_listen):
            missing.append(f"gateway on {self.gateway_listen}")
        return missing

    def _page_answers(self, path: str) -> bool:
        scheme = "https" if self.env.get("IMMIS_TLS_CERTIFICATE") else "http"
        if scheme == "https":
            return answers(self.listen)
        asked = urllib.request.Request(f"{scheme}://{own_address(self.listen)}{path}")
        if named := self.env.get("IMMIS_HOSTS", "").split(",")[0]:  # no other name is answered
            asked.add_header("Host", named)
        try:
            with urllib.request.urlopen(asked, timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError, ValueError):
            return False


def _requests_a_second(env: Mapping[str, str]) -> int:
    """What one address may ask the front for, from ``IMMIS_REQUESTS_A_SECOND``. Raises CannotRun for no number."""
    given = env.get("IMMIS_REQUESTS_A_SECOND", "").strip() or str(front.REQUESTS_A_SECOND)
    if (rate := whole_number(given, most_digits=6)) is None:
        raise CannotRun(f"IMMIS_REQUESTS_A_SECOND is {given!r}: a whole number of requests a second, or 0 for no limit")
    return rate


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _until_signal(supervisor: Supervisor) -> list[int]:
    """End on SIGTERM or SIGINT, hand SIGHUP on; answers the list that will hold the signal that asked for the end."""
    asked: list[int] = []

    def end(number: int, _frame: object) -> None:
        asked.append(number)
        supervisor.stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    signal.signal(signal.SIGHUP, lambda number, _frame: supervisor.signal_children(number))
    return asked


@click.command(name="run", epilog="Example: IMMIS_DATA=/srv/immis immis run --listen 0.0.0.0:8000")
@click.option("--listen", type=ADDRESS, envvar="IMMIS_LISTEN", default="127.0.0.1:8000", show_default=True)
@click.option("--gateway", type=ADDRESS, envvar="IMMIS_GATEWAY_LISTEN", default="127.0.0.1:5023", show_default=True,
              help="where the tracking devices report")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="one status line in JSON when everything answers")
def command(listen: str, gateway: str, as_json: bool) -> None:
    """Run pages, events, worker and gateway on one port, under one supervisor, until SIGTERM."""
    supervisor = Supervisor(listen=listen, gateway_listen=gateway)
    asked = _until_signal(supervisor)
    try:
        supervisor.start()
        supervisor.wait_ready()
        status = supervisor.status()
        print(json.dumps(status) if as_json else f"IMMIS answers at {status['url']} (devices: {gateway})", flush=True)
        supervisor.stopping.wait()
    except CannotRun as error:
        if not asked:
            print(f"immis run: {error}", file=sys.stderr)
            raise SystemExit(2) from None
    finally:
        supervisor.stop()
