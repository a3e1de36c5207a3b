"""How figures, dates and findings are written for the reader: rupees in lakh and crore, India time, both languages."""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from immis import clock
from immis.core.facts import named
from immis.rules.lengths import length_text
from immis.rules.policy import LANGUAGES, PolicyError, book
from immis.rules.posts import chart
from immis.rules.writing.numbers import cited_in_hindi, group_indian
from immis.rules.writing.numbers import shown_paise as paise
from immis.rules.writing.offices import words_of
from immis.rules.writing.texts import texts

_A_CRORE_PAISE = 10**9
_SOON_DAYS = 7
_ISO_DAY = len("2026-10-15")
_Row = TypeVar("_Row")
_Shown = TypeVar("_Shown")
log = logging.getLogger(__name__)


def lang() -> str:
    """The language of this page: ``hi`` unless the reader chose ``en``."""
    return "en" if (get_language() or "hi").startswith("en") else "hi"


def rupees(amount: int) -> str:
    """Whole rupees as ``₹ 22,37,625`` (the space does not break)."""
    return f"₹\u00a0{group_indian(int(amount))}"


def short_paise(amount: int) -> str:
    """A sum in paise in lakh or crore with one decimal: ``₹ 22.4 lakh``; below a lakh as it is."""
    crore, lakh = words_of("numbers")[lang()]["scales"][:2]
    for size, scale in ((10**9, crore), (10**7, lakh)):
        if abs(amount) >= size:
            return f"₹\u00a0{amount / size:.1f}\u00a0{scale}"
    return paise(amount)


def with_crores(amount: int) -> str:
    """A sum in paise; a long one with the crores beside: ``₹ 5,10,00,000 (₹ 5.1 crore)``."""
    exact = paise(amount)
    return f"{exact} ({short_paise(amount)})" if abs(amount) >= _A_CRORE_PAISE else exact


def number(amount: int | Decimal | float) -> str:
    """A number with the commas of lakh and crore, decimals kept as they are."""
    whole, dot, decimals = format(Decimal(str(amount)), "f").partition(".")
    decimals = decimals.rstrip("0")
    return group_indian(int(whole)) + (dot + decimals if decimals else "")


def plain_number(amount: Decimal | None) -> str:
    """A number as a form takes it: without commas, and without zeros that say nothing; empty for None."""
    return "" if amount is None else f"{amount.normalize():f}"


def as_instant(value: Any) -> date | datetime | None:
    """What the caller knows to be a day or an instant, also where it is kept as ISO text; None for anything else."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value) if len(value) == _ISO_DAY else datetime.fromisoformat(value)
    except ValueError:
        return None


def _in_india(when: datetime) -> datetime:
    try:
        return when.astimezone(clock.INDIA)
    except OverflowError:  # the first and the last hours that a calendar holds
        return when


def day(value: date | datetime | str | None) -> str:
    """A day in India as ``15.10.2026``."""
    when = as_instant(value)
    if when is None:
        return str(value or "—")
    return (_in_india(when) if isinstance(when, datetime) else when).strftime("%d.%m.%Y")


def clock_time(value: datetime | date | str | None) -> str:
    """An instant in India time as ``05.06.2026, 13:00``; a bare date as a day."""
    when = as_instant(value)
    if isinstance(when, datetime):
        return _in_india(when).strftime("%d.%m.%Y, %H:%M")
    return day(value)


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


def unpaid_since(due_on: date) -> str:
    """What was to be paid by a day and was not: ``was due yesterday, still unpaid``, ``unpaid for 12 days``."""
    days = (clock.now().astimezone(clock.INDIA).date() - due_on).days
    if days <= 1:
        return _("was due yesterday, still unpaid")
    return _("unpaid for %(days)s") % {"days": _days(days)}


def late_or_left(value: date | datetime | str | None) -> tuple[str, str]:
    """The age of what is due and not settled, as a chip: late in red, the last days before in amber."""
    when = as_instant(value)
    today = clock.now().astimezone(clock.INDIA).date()
    days = (when.astimezone(clock.INDIA).date() if isinstance(when, datetime) else when or today) - today
    if days.days < 0:
        return "bad", _("%(days)s late") % {"days": _days(-days.days)}
    return "warn" if days.days <= _SOON_DAYS else "plain", ago_or_in(today + days)


def name_of(thing: Any) -> str:
    """The name of a record in the reader's language: ``name_hi``/``name_en``, or a mapping with ``hi``/``en``."""
    if thing is None:
        return ""
    if isinstance(thing, Mapping):
        return str(thing.get(lang()) or thing.get("en") or thing.get("hi") or "")
    own = getattr(thing, f"name_{lang()}", "") or getattr(thing, "name_en", "") or getattr(thing, "name_hi", "")
    return str(own or getattr(thing, "name", "") or thing)


_KEY = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def note_of(entry: Any) -> str:
    """The note of a rule in the reader's language, the parts of its value by the names that the law pages have."""
    names = {**texts("law/words"), **texts("law/keys")}

    def named(match: re.Match[str]) -> str:
        key = match.group(0)
        return f"“{name_of(names[key])}”" if key in names else key.replace("_", " ")

    return _KEY.sub(named, name_of(entry.note))


def worded_fact(key: str, value: Any) -> Any:
    """A fact as a message shows it: money by ``_paise``/``_rupees``, dates in India's order, names in the language.

    Text stays as it was written, whatever it looks like.
    """
    value = named(key, value)
    if value is None:
        return "—"
    if isinstance(value, Mapping):
        return name_of(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if key.endswith("_paise"):
            return paise(int(value))
        if key.endswith("_rupees"):
            return rupees(int(value))
        whole = value == int(value) if isinstance(value, Decimal) and value.is_finite() else False
        face = int(value) if whole else value  # 60.000 hectares are 60
        return number(face) if abs(value) >= 10_000 else str(face)  # a year keeps its face
    if isinstance(value, list | tuple):
        return ", ".join(str(worded_fact(key, row)) for row in value)
    return clock_time(value) if isinstance(value, date) else value


def unshown(code: str) -> str:
    """What stands in the place of an entry that could not be worded."""
    return _("This entry cannot be shown (%(code)s). The fault is noted; the other entries are complete.") % {
        "code": code
    }


def guarded(build: Callable[[_Row], _Shown], row: _Row, *, code: str, instead: Callable[[str], _Shown]) -> _Shown:
    """What ``build`` makes of one row; a fault is logged, and ``instead`` says so in that row's place only."""
    try:
        return build(row)
    except DatabaseError:  # nothing more can be read in this transaction
        raise
    except Exception:
        log.exception("an entry of %s cannot be shown", code)
        return instead(unshown(code))


def say(finding: Any) -> str:
    """The message of a finding (``.code``, ``.facts``; or a pair of them) in the reader's language."""
    code, facts = finding if isinstance(finding, tuple) else (finding.code, finding.facts)
    return guarded(lambda known: _said(code, known), facts, code=code, instead=str)


def both(words: Callable[[], Any]) -> dict[str, str]:
    """What ``words`` answers, in both languages."""
    words_by_lang = {}
    for language in LANGUAGES:
        with translation.override(language):
            words_by_lang[language] = str(words())
    return words_by_lang


def _said(code: str, facts: Mapping[str, Any]) -> str:
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


_PLACE = re.compile(r"(clauses?|rules?|sections?|points?|paragraphs?|annexure|form|schedule|row)\b", re.IGNORECASE)


def short_citation(cites: Any) -> str:
    """A citation without its source: ``clause 24(ii)`` of ``Munger tender 2026, clause 24(ii)``; else whole."""
    source, _comma, place = str(cites).partition(", ")
    whole, short = citation(cites), citation(place) if place and _PLACE.match(place) else ""
    return short if short and source else whole


#: The ways by which a message reaches somebody.
CHANNELS = {"portal": gettext_lazy("portal"), "email": gettext_lazy("e-mail"), "sms": gettext_lazy("SMS")}
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


def distance(metres: float | None) -> str:
    """A distance as people say it: ``711 m``, ``4.7 km``; a dash for None."""
    return "—" if metres in (None, "") else length_text(float(metres), lang(), book().units)


def party_kind(kind: str) -> str:
    """The kind of a party in words: company, sole proprietor …"""
    return name_of(texts("registry/party_kinds")[kind])


def record_kind(kind: str) -> str:
    """What a kind of record is called (``policy/words/law/records.yaml``); one that has no words, by its code."""
    words = texts("law/records").get(kind)
    return name_of(words) if words else kind


def role_name(role: Any) -> str:
    """A post in words; a code that no post has any more as it stands."""
    post = chart().posts.get(str(role))
    return name_of(post.title) if post else str(role)
