"""Libraries that take long to load and that most processes never ask: loaded with the first question to them."""

from importlib import import_module
from types import ModuleType
from typing import Any


class _Late(ModuleType):
    """A library that is not loaded yet; what is asked of it once is kept."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # tools that look at every module ask nothing of the library
            raise AttributeError(name)
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


def late(name: str) -> Any:
    """A library by its name, as ``import`` gives it."""
    return _Late(name)
