"""The fields of forms that read a day or an instant: only of the years that a record can mean, in words otherwise."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from immis.reading import FIRST_YEAR, LAST_YEAR, in_years

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
