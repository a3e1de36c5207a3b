"""The settlement world for the tests of this folder."""

from tests.settlement import treasury, world

__all__ = ["treasury", "world"]
