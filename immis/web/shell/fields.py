"""The fields of forms that read a day or an instant: only of the years that a record can mean, in words otherwise."""

from datetime import date
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from immis.core.acts import Shut
from immis.reading import FIRST_YEAR, LAST_YEAR, in_years
from immis.web.shell import wording
from immis.web.shell.tags import clause

#: Controls of a day and an instant. With a last year of four digits typing goes on to the hour behind it.
DAY = {"type": "date", "max": "9999-12-31"}
INSTANT = {"type": "datetime-local", "max": "9999-12-31T23:59"}


def _check(value: date | None) -> None:
    if value is not None and not in_years(value):
        words = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise forms.ValidationError(_("The year must be from %(first)d to %(last)d.") % words)


class DayField(forms.DateField):
    """A day."""

    def to_python(self, value: Any) -> date | None:
        day: date | None = super().to_python(value)
        _check(day)
        return day


class InstantField(forms.DateTimeField):
    """A day with its hour."""

    def to_python(self, value: Any) -> Any:
        try:
            instant = super().to_python(value)
        except OverflowError:  # the first and the last hours that a calendar holds have no instant elsewhere
            _check(date.min)
        _check(instant)
        return instant


class ShutRadio(forms.RadioSelect):
    """Radio buttons; a choice that cannot be made now (``Shut``) stands among them with the reasons beneath it."""

    def create_option(self, name: Any, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        shut = label if isinstance(label, Shut) else None
        option: dict[str, Any] = super().create_option(
            name, value, _with_reasons(shut) if shut else label, *args, **kwargs
        )
        if shut:
            option["attrs"]["disabled"] = True
        return option


def _with_reasons(shut: Shut) -> SafeString:
    lines = ((wording.say(finding), clause(finding.code)) for finding in shut.findings)
    return format_html("<span>{}{}</span>", shut.words, format_html_join("", '<span class="sub">{} {}</span>', lines))
