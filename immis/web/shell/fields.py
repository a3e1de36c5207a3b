"""The fields of forms that read a day, an instant or a choice: in the department's writing, with what they refuse."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.core.acts import Shut
from immis.reading import FIRST_YEAR, LAST_YEAR, in_years, iso_day
from immis.rules.writing.offices import western_digits
from immis.web.shell import wording
from immis.web.shell.tags import clause


class DayInput(forms.DateInput):
    """A day as text, ``16.10.2026``; with scripts a calendar stands beside it (``data-day``)."""

    _shown, _kind, _kept = "%d.%m.%Y", "date", "%Y-%m-%d"

    def __init__(self, attrs: Any = None):
        own = {"data-day": self._kind, "inputmode": "decimal", "autocomplete": "off", "maxlength": "30"}
        super().__init__({**own, **(attrs or {})}, format=self._shown)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["attrs"].setdefault("placeholder", self._pattern())
        return context

    def format_value(self, value: Any) -> Any:
        if isinstance(value, str):
            try:
                value = datetime.strptime(value, self._kept)  # noqa: DTZ007  a form's text
            except ValueError:
                return value
        return super().format_value(value)

    def _pattern(self) -> str:
        return _("dd.mm.yyyy")


class InstantInput(DayInput):
    """A day with its hour as text, ``16.10.2026 14:30``."""

    _shown, _kind, _kept = "%d.%m.%Y %H:%M", "datetime-local", "%Y-%m-%dT%H:%M"

    def _pattern(self) -> str:
        return _("dd.mm.yyyy hh:mm")


def _check(value: date | None) -> None:
    if value is not None and not in_years(value):
        words = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise forms.ValidationError(_("The year must be from %(first)d to %(last)d.") % words)


class DayField(forms.DateField):
    """A day, as the department writes it or as programs do."""

    widget = DayInput
    default_error_messages = {"invalid": gettext_lazy("Write the day as 16.10.2026.")}

    def to_python(self, value: Any) -> date | None:
        day: date | None = super().to_python(iso_day(western_digits(value)) if isinstance(value, str) else value)
        _check(day)
        return day


class InstantField(forms.DateTimeField):
    """A day with its hour, as the department writes it or as programs do."""

    widget = InstantInput
    default_error_messages = {"invalid": gettext_lazy("Write day and hour as 16.10.2026 14:30.")}

    def to_python(self, value: Any) -> Any:
        try:
            instant = super().to_python(_iso_instant(value) if isinstance(value, str) else value)
        except OverflowError:  # the first and the last hours that a calendar holds have no instant elsewhere
            _check(date.min)
        _check(instant)
        return instant


def _iso_instant(text: str) -> str:
    """``16.10.2026, 14:30`` as ``2026-10-16 14:30``; any other text as it stands."""
    day, _blank, hour = western_digits(text).strip().replace(",", " ").partition(" ")
    iso = iso_day(day)
    return f"{iso} {hour.strip()}" if iso != day else text


class ShutRadio(forms.RadioSelect):
    """Radio buttons; what cannot be chosen now (``Shut``) stands folded below them, each with its reasons."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        every = list(self.choices)
        shut = [words for _value, words in every if isinstance(words, Shut)]
        if not shut:
            return super().render(name, value, attrs, renderer)
        self.choices = [pair for pair in every if not isinstance(pair[1], Shut)]
        try:
            open_ones = super().render(name, value, attrs, renderer)
        finally:
            self.choices = every
        return format_html(
            '{}<details class="shut"><summary>{} ({})</summary><ul class="rows">{}</ul></details>',
            open_ones,
            _("Not now, and why"),
            len(shut),
            format_html_join("", "<li>{}{}</li>", ((words.words, _reasons(words)) for words in shut)),
        )


def _reasons(shut: Shut) -> SafeString:
    lines = ((wording.say(finding), clause(finding.code)) for finding in shut.findings)
    return format_html_join("", '<span class="sub">{} {}</span>', lines)
