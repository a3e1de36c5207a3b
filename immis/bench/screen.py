"""How long an alert takes from a device's socket to an open screen: gateway, table, event stream, HTTP client.

The event process is the one that the pages' browsers are connected to, with a records database of its own and a
signed-in officer; the client reads the stream as a browser does. What rings on the screen comes from the gateway's
own table: the worker, which makes a task of it, is no part of that way.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from immis.bench.gateway import telemetry, trouble

_READY_S = 60.0
#: Makes the records and one officer of the headquarters; says the session's cookie.
_RECORDS = """
from immis import setup_django
setup_django()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from django.conf import settings
from django.test import Client
from immis.registry import services
office = services.open_office(code="hq", kind="hq", name_en="Headquarters", name_hi="Headquarters")
user = services.add_user(username="watch", name_en="Watch", name_hi="Watch")
services.appoint(user=user, office=office, role="hq")
client = Client()
client.force_login(user)
print(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
"""


def latency(**more: Any) -> dict[str, Any]:
    """``trouble.latency`` to the line of the event stream."""
    where = "the alarm's line in the event stream that the page reads"
    return trouble.latency(watch=screen, ends_at=where, **more)


@contextmanager
def screen(folder: str) -> Iterator[trouble.Seen]:
    """An event process over a data folder, and a client that reads its alarms."""
    env = {key: value for key, value in os.environ.items() if key not in ("IMMIS_CLOCK", "DATABASE_URL")}
    run: dict[str, Any] = {"env": env | {"IMMIS_DATA": folder, "PYTHONPATH": os.getcwd()}, "text": True}
    cookie = subprocess.run([sys.executable, "-c", _RECORDS], check=True, stdout=subprocess.PIPE, **run).stdout.strip()
    port = _free_port()
    command = [sys.executable, "-m", "immis.cli", "events", "--listen", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=telemetry.on_core(1), **run)
    seen: trouble.Seen = {}
    try:
        threading.Thread(target=_read, args=(_opened(port, cookie), seen), daemon=True).start()
        yield seen
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as row:
        return int(row.getsockname()[1])


def _opened(port: int, cookie: str) -> http.client.HTTPResponse:
    until = time.monotonic() + _READY_S
    while True:
        try:
            line = http.client.HTTPConnection("127.0.0.1", port)
            line.request("GET", "/events/alarms", headers={"Cookie": cookie, "Accept": "text/event-stream"})
            answer = line.getresponse()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
            continue
        if answer.status != 200:
            raise RuntimeError(f"the event process answers {answer.status}: {answer.read()!r}")
        return answer


def _read(stream: http.client.HTTPResponse, seen: trouble.Seen) -> None:
    while line := stream.readline():
        now = time.monotonic()
        if line.startswith(b'data: {"seq"'):
            alarm = json.loads(line[6:])
            if alarm["kind"] == "device.emergency":
                seen.setdefault(alarm["imei"], now)
