"""IMMIS: integrated mining management information system for a State mines department."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

from immis.compiled import keep_methods

__version__ = "0.1.0"
keep_methods()  # before any module of the house declares a dataclass


def setup_django() -> None:
    """Make the records database usable from a command or a separate process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immis.settings")
    import django

    from immis.private import keep_private

    keep_private()
    with loading():
        django.setup()


@contextmanager
def loading() -> Iterator[None]:
    """While modules are loaded nothing becomes rubbish, and looking for it takes a fifth of the time.

    What was loaded is never looked through again, neither at the next search for rubbish nor at the end.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def keep_loaded() -> None:
    """What a long-lived process has loaded stays: look for rubbish among it no more, and after more new objects only.

    A page makes and drops some thousand objects, hardly any of them in a circle.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
