"""Addresses by their first word: who asks for a settlement is not compared with every address of the auctions first.

Django tries one address after the other, of some five hundred. Here only those are tried, in the same order, that can
begin with the first word of what is asked.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RegexPattern, RoutePattern

Address = URLPattern | URLResolver
_ONE_WORD = re.compile(r"\^([\w-]+)[/$]")


class ByFirstWord(URLResolver):
    """A list of addresses under a fixed prefix, which are found by their first word."""

    @cached_property
    def _words(self) -> dict[str, URLResolver]:
        return {word: self._with(_beginning(word, self.url_patterns)) for word in _first_words(self.url_patterns)}

    @cached_property
    def _any(self) -> URLResolver:
        """Those that could begin with a word that none of them names."""
        return self._with(_beginning(None, self.url_patterns))

    def _with(self, patterns: Sequence[Address]) -> URLResolver:
        return URLResolver(self.pattern, patterns, self.default_kwargs, self.app_name, self.namespace)

    def resolve(self, path: str) -> ResolverMatch:
        """The page at an address. Raises Resolver404."""
        word = str(path)[len(str(self.pattern)) :].partition("/")[0]
        return self._words.get(word, self._any).resolve(path)


class Later(ByFirstWord):
    """Addresses of a namespace in a module that is read when one of them is asked for, not when the house begins.

    The API has some two hundred, which take a fifth of the start of every process; most never answer a program.
    """

    def _populate(self) -> None:
        """The list around it asks this of all it holds, but finds a namespace by its name alone."""

    @cached_property
    def _read(self) -> URLResolver:
        return self._with(self.url_patterns)

    @property
    def reverse_dict(self) -> Any:
        """Its names with their addresses."""
        return self._read.reverse_dict

    @property
    def namespace_dict(self) -> Any:
        """The namespaces in it."""
        return self._read.namespace_dict

    @property
    def app_dict(self) -> Any:
        """The applications in it."""
        return self._read.app_dict


def later(prefix: str, module: str, *, app_name: str, namespace: str) -> Any:
    """The addresses of a module under a prefix, read when the first of them is asked for."""
    return Later(RoutePattern(prefix, is_endpoint=False), module, None, app_name, namespace)


def under(prefix: str, patterns: Sequence[Address], app_name: str | None = None, namespace: str | None = None) -> Any:
    """Addresses under a prefix that is the same for all of them; arguments as ``path`` takes them of ``include``."""
    return ByFirstWord(RoutePattern(prefix, is_endpoint=False), list(patterns), None, app_name, namespace)


def _is_open(address: Address) -> bool:
    """Whether an address is a list of others that adds nothing before them."""
    return isinstance(address, URLResolver) and not str(address.pattern)


def _first_word(address: Address) -> str | None:
    """The word with which an address begins; None where several can."""
    if isinstance(address.pattern, RegexPattern):
        given = _ONE_WORD.match(str(address.pattern))
        return given[1] if given else None
    word, ended, _rest = str(address.pattern).partition("/")
    is_whole = bool(ended) or isinstance(address, URLPattern)
    return word if is_whole and "<" not in word else None


def _first_words(addresses: Sequence[Address]) -> set[str]:
    words: set[str] = set()
    for address in addresses:
        if _is_open(address):
            words |= _first_words(address.url_patterns)
        elif (word := _first_word(address)) is not None:
            words.add(word)
    return words


def _beginning(word: str | None, addresses: Sequence[Address]) -> list[Address]:
    """Those that begin with a word, and those that can begin with any."""
    chosen: list[Address] = []
    for address in addresses:
        if _is_open(address):
            inner = _beginning(word, address.url_patterns)
            more = (address.default_kwargs, address.app_name, address.namespace)
            chosen += [URLResolver(address.pattern, inner, *more)] if inner else []
        elif _first_word(address) in (None, word):
            chosen.append(address)
    return chosen
