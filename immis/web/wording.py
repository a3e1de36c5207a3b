"""How figures, dates and findings are written for the reader: rupees in lakh and crore, India time, both languages."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from immis import clock
from immis.rules.policy import PolicyError, book
from immis.rules.words import cited_in_hindi, group_indian

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_ISO_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")


def lang() -> str:
    """The language of this page: ``hi`` unless the reader chose ``en``."""
    return "en" if (get_language() or "hi").startswith("en") else "hi"


def rupees(amount: int) -> str:
    """Whole rupees as ``₹ 22,37,625`` (the space does not break)."""
    return f"₹\u00a0{group_indian(int(amount))}"


def paise(amount: int) -> str:
    """Paise as rupees, with the paise only where there are any: ``₹ 22,37,625`` or ``₹ 7.50``."""
    whole, rest = divmod(abs(int(amount)), 100)
    sign = "-" if amount < 0 else ""
    return f"{sign}₹\u00a0{group_indian(whole)}" + (f".{rest:02d}" if rest else "")


def short_paise(amount: int) -> str:
    """A sum in paise in lakh or crore with one decimal: ``₹ 22.4 लाख``; below a lakh as it is."""
    for size, words in ((10**9, {"hi": "करोड़", "en": "crore"}), (10**7, {"hi": "लाख", "en": "lakh"})):
        if abs(amount) >= size:
            return f"₹\u00a0{amount / size:.1f}\u00a0{words[lang()]}"
    return paise(amount)


def number(amount: int | Decimal | float) -> str:
    """A number with the commas of lakh and crore, decimals kept as they are."""
    whole, dot, decimals = format(Decimal(str(amount)), "f").partition(".")
    decimals = decimals.rstrip("0")
    return group_indian(int(whole)) + (dot + decimals if decimals else "")


def as_instant(value: Any) -> date | datetime | None:
    """A date or instant out of a date, an instant or their ISO text; None for anything else."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _ISO_DAY.match(value):
        return date.fromisoformat(value)
    if isinstance(value, str) and _ISO_INSTANT.match(value):
        return datetime.fromisoformat(value)
    return None


def day(value: date | datetime | str | None) -> str:
    """A day in India as ``15.10.2026``."""
    when = as_instant(value)
    if when is None:
        return "—"
    return (when.astimezone(clock.INDIA) if isinstance(when, datetime) else when).strftime("%d.%m.%Y")


def clock_time(value: datetime | date | str | None) -> str:
    """An instant in India time as ``05.06.2026, 13:00``; a bare date as a day."""
    when = as_instant(value)
    if isinstance(when, datetime):
        return when.astimezone(clock.INDIA).strftime("%d.%m.%Y, %H:%M")
    return day(when)


def span(seconds: float) -> str:
    """A length of time in its largest unit: ``4 days``, ``2 hours``, ``35 minutes``, ``20 seconds``."""
    whole = int(abs(seconds))
    for unit, word in ((86400, _days), (3600, _hours), (60, _minutes)):
        if whole >= unit:
            return word(whole // unit)
    return ngettext("%(n)d second", "%(n)d seconds", whole) % {"n": whole}


def _days(n: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


def _hours(n: int) -> str:
    return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}


def _minutes(n: int) -> str:
    return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}


def ago_or_in(value: date | datetime | str | None) -> str:
    """How long since, or how long until: ``6 days ago``, ``4 days left``, ``today`` for this very day."""
    when = as_instant(value)
    if when is None:
        return "—"
    if isinstance(when, datetime):
        seconds = (when - clock.now()).total_seconds()
    else:
        days = (when - clock.now().astimezone(clock.INDIA).date()).days
        if days == 0:
            return _("today")
        seconds = days * 86400
    words = {"span": span(seconds)}
    return _("%(span)s ago") % words if seconds < 0 else _("%(span)s left") % words


def name_of(thing: Any) -> str:
    """The name of a record in the reader's language: ``name_hi``/``name_en``, or a mapping with ``hi``/``en``."""
    if thing is None:
        return ""
    if isinstance(thing, Mapping):
        return str(thing.get(lang()) or thing.get("en") or thing.get("hi") or "")
    own = getattr(thing, f"name_{lang()}", "") or getattr(thing, "name_en", "") or getattr(thing, "name_hi", "")
    return str(own or getattr(thing, "name", "") or thing)


def worded_fact(key: str, value: Any) -> Any:
    """A fact as a message shows it: money by ``_paise``/``_rupees``, dates in India's order, names in the language."""
    if isinstance(value, Mapping):
        return name_of(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if key.endswith("_paise"):
            return paise(int(value))
        if key.endswith("_rupees"):
            return rupees(int(value))
        return number(value) if abs(value) >= 10_000 else str(value)  # a year keeps its face
    if isinstance(value, list | tuple):
        return ", ".join(str(worded_fact(key, one)) for one in value)
    when = as_instant(value)
    if isinstance(when, datetime):
        return clock_time(when)
    return day(when) if when else value


def say(finding: Any) -> str:
    """The message of a finding (``.code``, ``.facts``; or a pair of them) in the reader's language."""
    code, facts = finding if isinstance(finding, tuple) else (finding.code, finding.facts)
    worded = {key: worded_fact(key, value) for key, value in facts.items()}
    try:
        return book().say(code, worded, lang())
    except PolicyError:
        return str(code)


def citation(cites: Any) -> str:
    """The clause as it is cited, in the reader's language: a translation of the whole, else its words of place."""
    if isinstance(cites, Mapping):
        return name_of(cites)
    text = str(cites)
    if lang() == "en":
        return text
    whole = _(text)
    if whole != text:
        return whole
    return cited_in_hindi(text)


_UNITS = {
    "ha": gettext_lazy("hectares"),
    "m3": gettext_lazy("cubic metres"),
    "t": gettext_lazy("tonnes"),
    "kmh": gettext_lazy("km/h"),
    "m": gettext_lazy("metres"),
}


def with_unit(value: Decimal | float | int, unit: str) -> str:
    """A measured figure with its unit in words: hectares, cubic metres, tonnes, kilometres an hour, metres."""
    return f"{number(value)}\u00a0{_UNITS[unit]}"


_ROLES = {
    "public": gettext_lazy("the public"),
    "party": gettext_lazy("bidder or settlee"),
    "district": gettext_lazy("district mining office"),
    "collector": gettext_lazy("Collector"),
    "hq": gettext_lazy("headquarters"),
    "monitoring": gettext_lazy("monitoring cell"),
    "checkpost": gettext_lazy("check post"),
    "system": gettext_lazy("the system"),
}


def role_name(role: Any) -> str:
    """A role in words."""
    return str(_ROLES.get(str(role), role))
