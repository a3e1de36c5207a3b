"""How a pass is written as text: the address behind a QR, the small form of thermal slips, what hands make of them."""

import base64
import binascii
import re
from collections.abc import Iterator
from itertools import combinations

import base45

SMALL_PREFIX = "IM1:"
VERIFY_PATH = "/verify"
_SCHEME_AND_HOST = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/#?]*")
MAX_TEXT_CHARS = 4096
_MOST_BLANKS = 24  # of a text with more of them only the first may be a small form's own signs
MAX_PASS_BYTES = 1400


class NotGenuine(Exception):
    """Carries the reason code out of the depth of the check."""


def small_form(text: str) -> str:
    """The same pass as base45 text with ``IM1:`` before it, for thermal slips. Raises ValueError for other text."""
    try:
        return small_text(bytes_in(one_case(text.strip()))[1])
    except NotGenuine as error:
        raise ValueError("this text carries no pass") from error


def url_text(raw: bytes, base_url: str) -> str:
    return f"{base_url.rstrip('/')}{VERIFY_PATH}#{base64.b32encode(raw).decode().rstrip('=')}"


def small_text(raw: bytes) -> str:
    return SMALL_PREFIX + base45.b45encode(raw).decode()


def ways_to_read(text: str) -> list[str]:
    """A text as it came, and without what scanners and messengers do to blanks and broken lines."""
    if len(text) > MAX_TEXT_CHARS:
        raise NotGenuine("too_long")
    plain = one_case(text.strip().replace("\r", "").replace("\n", ""))
    parts = plain.split("%20")
    ways = [plain, *("".join(_joined(parts, kept)) for kept in _own_signs(len(parts) - 1))]
    return list(dict.fromkeys(one_case(way.strip()) for way in ways))


def _own_signs(count: int) -> Iterator[frozenset[int]]:
    """Which ``%20`` are a small form's own letters and no blank: none of them, one, or two; each is rare."""
    yield frozenset()
    for size in (1, 2):
        yield from map(frozenset, combinations(range(min(count, _MOST_BLANKS)), size))


def _joined(parts: list[str], kept: frozenset[int]) -> Iterator[str]:
    for place, part in enumerate(parts):
        yield part
        if place < len(parts) - 1:
            yield "%20" if place in kept else " "


def one_case(text: str) -> str:
    """The case of scheme and host means nothing (RFC 3986, 6.2.2.1), nor that of the small form's prefix."""
    if text[: len(SMALL_PREFIX)].upper() == SMALL_PREFIX:
        return SMALL_PREFIX + text[len(SMALL_PREFIX) :]
    return _SCHEME_AND_HOST.sub(lambda match: match[0].lower(), text, count=1)


def bytes_in(text: str) -> tuple[str, bytes]:
    """Address before ``#`` ("" when none) and the bytes of a pass; only the one canonical way to write them."""
    try:
        if text.startswith(SMALL_PREFIX):
            address, raw = "", base45.b45decode(text.removeprefix(SMALL_PREFIX))
            again = small_text(raw)
        else:
            text = _without_blanks(text)
            address, hash_sign, body = text.rpartition("#")
            raw = base64.b32decode(body + "=" * (-len(body) % 8))
            again = address + hash_sign + base64.b32encode(raw).decode().rstrip("=")
    except (ValueError, binascii.Error) as error:
        raise NotGenuine("unreadable") from error
    if again != text:
        raise NotGenuine("unreadable")
    if not 0 < len(raw) <= MAX_PASS_BYTES:
        raise NotGenuine("too_long" if raw else "unreadable")
    return address, raw


def _without_blanks(text: str) -> str:
    """An address has no blanks: those in a long one came with the line breaks of a message."""
    return "".join(text.split())


def carries_pass(text: str) -> bool:
    """Whether a text has the form of a pass, genuine or not: an address of a check with a part after #, or IM1:."""
    plain = one_case(text.strip())
    return plain.startswith(SMALL_PREFIX) or f"{VERIFY_PATH}#" in plain
