"""Asking another system, or a child, while people wait: in a process that may wait, and with nobody waiting behind it.

The pages of an installation on SQLite are answered by one thread (``turns``), so a treasury that is slow for one payer
would be slow for everybody. Whatever is asked here is asked by the process to which the front hands such requests, and
others work meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from immis.core.access.turns import TURNS


class HandOn(Exception):
    """This process waits for nothing: the front gives the whole request to one that may."""


def hand_on() -> None:
    """Go no further in a process for pages alone. Raises HandOn there; called before anything is written."""
    if not settings.MAY_WAIT:
        raise HandOn


@contextmanager
def asking_outside() -> Iterator[None]:
    """While something outside this process is waited for.

    Raises RuntimeError inside a transaction, for others would wait for its locks; HandOn in a process for pages alone.
    """
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("something outside was asked inside a transaction: ask first, then write")
    hand_on()
    with TURNS.stepped_out():
        yield
