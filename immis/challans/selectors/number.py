"""Numbers of e-challans and registration marks, however they were typed."""

import re
import unicodedata

from immis.challans.signed.text import carries_pass
from immis.registry.selectors import plate
from immis.rules.writing.offices import western_digits

# letters, year and running number of a challan, as parts, and run together as a hasty hand types them
_NUMBER_PARTS = re.compile(r"([A-Z]{2,6})-(?:20)?(\d{2})-(\d{1,7})")
_NUMBER_WHOLE = re.compile(r"([A-Z]{2,6})(?:20)?(\d{2})(\d{6})")
# a registration mark behind a number, as somebody types both in one field
_MARK_BEHIND = re.compile(r"[\s,;]([A-Z]{2}[\s-]?\d{2}[\s-]?[A-Z]{1,3}[\s-]?\d{1,4})\s*$")


def typed_number(text: str) -> str:
    """A number, or a part of one, however it was typed: capitals, digits 0-9, one hyphen between its parts."""
    plain = western_digits(unicodedata.normalize("NFKC", text)).upper()
    return "-".join(re.findall(r"[A-Z0-9]+", plain))


def number_of(text: str) -> str:
    """The whole number of a challan: ``mun-26-1``, ``MUN 2026 000001`` and ``MUN/26/000001`` are ``MUN-26-000001``.

    What has no such form is answered as it was typed.
    """
    plain = typed_number(text)
    parts = _NUMBER_PARTS.fullmatch(plain) or _NUMBER_WHOLE.fullmatch(plain.replace("-", ""))
    return f"{parts[1]}-{parts[2]}-{int(parts[3]):06d}" if parts else plain


def is_number(text: str) -> bool:
    """Whether a text has the form of a whole number of a challan."""
    return bool(_NUMBER_PARTS.fullmatch(number_of(text)))


def running_number(text: str) -> int | None:
    """The running number at the end of a challan's number, where somebody typed that alone: 135 for ``000135``."""
    digits = typed_number(text)
    return int(digits) if re.fullmatch(r"\d{1,7}", digits) else None


def number_and_mark(text: str, mark: str) -> tuple[str, str]:
    """The number of a challan and the registration mark that stands beside or behind it; either may be missing."""
    text = western_digits(text)
    behind = _MARK_BEHIND.search(text.upper())
    if behind and not mark.strip():
        return text[: behind.start()], plate(behind[1])[:12]
    return text, plate(mark)[:12]


def looks_like_pass(text: str) -> bool:
    """Whether a text is the content of a pass's QR rather than a number or a registration mark."""
    return carries_pass(text) or "#" in text or len(text) > 60
