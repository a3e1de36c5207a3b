"""Wording a message for a channel that has no page: facts of a policy message as a reader of e-mail sees them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from immis.core.facts import named
from immis.rules.calendar import INDIA
from immis.rules.messages.templates import filled, proposed
from immis.rules.policy import PolicyBook, PolicyError, book
from immis.rules.writing.numbers import format_rupees


def worded(name: str, value: Any, lang: str) -> str:
    """One fact in words: names in the language, money by ``_paise`` and ``_rupees``, days and instants in India.

    Text stays as it was written, whatever it looks like.
    """
    if isinstance(value, Mapping):
        return str(value.get(lang) or value.get("en") or value.get("hi") or "—")
    if isinstance(value, int) and not isinstance(value, bool):
        if name.endswith("_paise"):
            return format_rupees(value // 100) if value % 100 == 0 else format_rupees(paise=value)
        if name.endswith("_rupees"):
            return format_rupees(value)
    value = named(name, value)
    if isinstance(value, datetime):
        return value.astimezone(INDIA).strftime("%d.%m.%Y, %H:%M")
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    return "—" if value in (None, "") else str(value)


def title(template: str, lang: str, policy: PolicyBook | None = None) -> str:
    """The subject line of a message."""
    return (policy or book()).entry(template).title[lang]


def body(template: str, facts: Mapping[str, Any], lang: str, policy: PolicyBook | None = None) -> str:
    """The text of a message."""
    return (policy or book()).say(template, {k: worded(k, v, lang) for k, v in facts.items()}, lang)


def known(template: str) -> bool:
    """Whether the rule book words this template."""
    try:
        return bool(book().entry(template).message)
    except PolicyError:
        return False


def sms_words(template: str, lang: str) -> str:
    """The words of a message as it goes out by SMS, its facts in braces; empty where none does."""
    try:
        return book().entry(template).sms.get(lang, "")
    except PolicyError:
        return ""


def sms_templates() -> list[str]:
    """Every message of the rule book that goes out by SMS."""
    return sorted(code for code, entry in book().entries.items() if entry.sms)


def sms_proposed(template: str, lang: str) -> str:
    """The words of a message as they are to be registered with the operators; empty where none goes by SMS."""
    digits_only = book().entry("DLT-01").values[-1].value["digits_only"]
    return proposed(sms_words(template, lang), digits_only)


def sms_text(template: str, facts: Mapping[str, Any], lang: str, *, most: int) -> str:
    """The text of an SMS; rupees stand as Rs in English, for the telephone network's Latin letters lack their sign."""
    said = {name: worded(name, value, lang) for name, value in facts.items()}
    if lang == "en":
        said = {name: value.replace("\u20b9", "Rs") for name, value in said.items()}
    return filled(sms_words(template, lang), said, most=most)


def ending(address: str) -> str:
    """An address as it is shown where it need not be known: its last letters."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}…@{host}" if at else f"…{address[-4:]}"
