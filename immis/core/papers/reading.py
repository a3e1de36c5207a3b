"""Reading what was handed in, beside people: in a child, outside any transaction and any turn, a few at a time."""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from immis.adapters.pictures import PictureTooLarge
from immis.adapters.reading.apart import ReadingRefused, read_apart, reading_terms
from immis.clock import data_dir
from immis.core.access.outside import asking_outside
from immis.core.errors import Refusal
from immis.core.papers.files import type_of
from immis.private import make_private
from immis.rules.catalogue import Finding

_POLL_S = 0.05
_waiting_lock = threading.Lock()
_waiting = 0


def read_upload(name: str, *args: Any, **kwargs: Any) -> Any:
    """Call a reader of ``immis.adapters.reading.apart.READERS`` on a file from outside and answer what it answers.

    Raises Refusal (UPL-01) for a file that is not understood within the limits or when too many are being read, and
    whatever the reader itself refuses with. RuntimeError and HandOn as ``asking_outside`` says: also a second step that
    reads what the first one kept is one for another process.
    """
    try:
        with asking_outside(), _place():
            return read_apart(name, *args, **kwargs)
    except ReadingRefused as refused:
        raise refusal_of(refused) from refused


def refuse_huge_picture(content: bytes) -> None:
    """Refuse a JPG or PNG whose head states more pixels than a paper can need. Raises Refusal (UPL-01)."""
    if type_of(content) not in ("JPG", "PNG"):
        return
    try:
        read_upload("picture", content)
    except PictureTooLarge as error:
        raise refusal_of(ReadingRefused("pixels")) from error


def refusal_of(refused: ReadingRefused) -> Refusal:
    """The refusal in the words of UPL-01."""
    return Refusal(Finding("UPL-01", refused.facts))


@contextmanager
def _place() -> Iterator[None]:
    """One of the places for reading on this machine; few threads of a process may wait for one."""
    terms = reading_terms()
    _join(int(terms["waiting"]))
    try:
        with _slot(int(terms["at_once"]), time.monotonic() + float(terms["wait_s"])):
            yield
    finally:
        _leave()


def _join(most: int) -> None:
    global _waiting
    with _waiting_lock:
        if _waiting >= most:
            raise ReadingRefused("busy")
        _waiting += 1


def _leave() -> None:
    global _waiting
    with _waiting_lock:
        _waiting -= 1


@contextmanager
def _slot(places: int, until_s: float) -> Iterator[None]:
    """A lock file that the kernel frees when the process ends, however it ends."""
    folder = data_dir() / "run" / "reading"
    make_private(folder)
    while True:
        for number in range(places):
            with (folder / f"{number}.lock").open("a") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    continue
                yield
                return
        if time.monotonic() > until_s:
            raise ReadingRefused("busy")
        time.sleep(_POLL_S)
