"""What happened: lots that changed in public, read once for all who watch; woken by the database itself."""

import asyncio
import contextlib
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from immis import clock, setup_django

POLL_S = 0.1  # how often SQLite is asked whether anything was committed
AGAIN_S = 2.0  # until a broken line to PostgreSQL is tried again
CHANNEL = "immis_lots"  # the migration's trigger notifies it of each public change

setup_django()
log = logging.getLogger("immis.live")
Marker = dict[str, Any]  # what a reader has seen, as the selector answered it


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} is not sent")


def message(event: str, body: Any) -> bytes:
    """One server-sent event."""
    data = json.dumps(body, default=_plain, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event}\ndata: {data}\n\n".encode()


def clock_message() -> bytes:
    """The server's time and how fast it runs, for the time left that a page counts down."""
    course = clock.course()
    return message("clock", {"now": clock.now(), "rate": course.rate if course else 1})


class Reader:
    """Reads the records database in a thread of its own; is woken when somebody has committed a change.

    PostgreSQL tells by LISTEN and NOTIFY; SQLite is asked for its ``data_version``
    ten times a second. A line that breaks only costs speed: lots are read again
    anyway, as they open and close by time alone.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._woken = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self._version: Any = None

    def wake(self) -> None:
        """Have the next ``news`` answer at once."""
        self._woken.set()

    async def news(self, within_s: float) -> None:
        """Return when something may have changed, or after so many seconds."""
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._woken.wait()
        self._woken.clear()

    async def changed(self, codes: frozenset[str], marker: Marker) -> tuple[Marker, dict[str, bytes]]:
        """The lots that changed in public since a marker, each as the event that tells it."""
        return await self.in_thread(self._changed, sorted(codes), marker)

    async def warm_up(self) -> None:
        """Read once, so that the first who watches does not wait for what is loaded only once."""
        with contextlib.suppress(Exception):  # a database that is not there yet is told when somebody watches
            await self.changed(frozenset(), {})

    async def reconnect(self) -> None:
        """Drop a connection that may be broken."""
        from django.db import connection

        await self.in_thread(connection.close)

    def rest(self) -> None:
        """Nobody watches: listen no more."""
        if self._listener is not None:
            self._listener.cancel()
            self._listener = None

    async def in_thread(self, function: Any, *given: Any) -> Any:
        """Ask the database; one question at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *given)

    async def _listen(self) -> None:
        from django.db import connection

        listen = self._poll_sqlite if connection.vendor == "sqlite" else self._listen_to_postgres
        while True:
            try:
                await listen()
            except Exception as error:  # the database may be restarting
                log.warning("listening failed: %s: %s", type(error).__name__, error)
                await self.reconnect()
                await asyncio.sleep(AGAIN_S)

    async def _poll_sqlite(self) -> None:
        while True:
            version = await self.in_thread(self._data_version)
            if version != self._version:
                self._version = version
                self.wake()
            await asyncio.sleep(POLL_S)

    def _data_version(self) -> Any:
        from django.db import connection

        with connection.cursor() as cursor:
            return cursor.execute("PRAGMA data_version").fetchone()[0]

    async def _listen_to_postgres(self) -> None:
        import psycopg
        from django.db import connection

        given = connection.get_connection_params()
        line = {name: given[name] for name in ("host", "port", "dbname", "user", "password") if given.get(name)}
        async with await psycopg.AsyncConnection.connect(**line, autocommit=True) as payload:
            await payload.execute(f"LISTEN {CHANNEL}")
            self.wake()
            async for _ in payload.notifies():
                self.wake()

    def _changed(self, codes: list[str], marker: Marker) -> tuple[Marker, dict[str, bytes]]:
        from immis.auctions.selectors import changed_lots

        marker, states = changed_lots(marker, at=clock.now(), codes=codes)
        return marker, {state.code: message("lot", asdict(state)) for state in states}
