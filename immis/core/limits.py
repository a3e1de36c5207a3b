"""What a record can hold, checked in one place before any of it is written, alike on both databases.

SQLite keeps a text of any length and PostgreSQL refuses it; a year 9999 is kept by both and then breaks
whatever counts on from it.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import Any

from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.signals import pre_save

from immis.core.errors import Refusal
from immis.reading import FIRST_YEAR, LAST_YEAR, in_years, is_kept_text
from immis.rules.catalogue import Finding

Check = Callable[[str, Any], None]


def _text(most: int | None, name: str, value: Any) -> None:
    if not isinstance(value, str):
        return
    if most is not None and len(value) > most:
        raise Refusal(Finding("REC-01", {"field": name, "length": len(value), "most": most}))
    if not is_kept_text(value):
        raise Refusal(Finding("REC-03", {"field": name}))


def _day(name: str, value: Any) -> None:
    if isinstance(value, date) and not in_years(value):
        facts = {"field": name, "value": value.isoformat()[:10], "first": FIRST_YEAR, "last": LAST_YEAR}
        raise Refusal(Finding("REC-02", facts))


def _number(least: int, most: int, name: str, value: Any) -> None:
    if isinstance(value, int | Decimal) and not least <= value <= most:  # also a NaN is not
        raise Refusal(Finding("REC-04", {"field": name, "least": str(least), "most": str(most)}))


@cache
def _checks(model: type[models.Model]) -> tuple[tuple[str, Check], ...]:
    """The columns that have limits, each with its check."""
    return tuple(
        (field.attname, check) for field in model._meta.concrete_fields if (check := _check_of(field)) is not None
    )


def _check_of(field: Any) -> Check | None:
    if isinstance(field, models.CharField | models.TextField):
        return partial(_text, field.max_length)
    if isinstance(field, models.DateField):
        return _day
    if isinstance(field, models.DecimalField):
        most = 10 ** (field.max_digits - field.decimal_places) - 1
        return partial(_number, -most, most)
    kind = field.get_internal_type()
    if kind in BaseDatabaseOperations.integer_field_ranges:
        return partial(_number, *BaseDatabaseOperations.integer_field_ranges[kind])
    return None


def check_limits(row: models.Model) -> None:
    """Raise Refusal for what no record holds: REC-01 a text too long, REC-02 a day of another age, REC-03 letters
    that are none, REC-04 a number too large.
    """
    values = row.__dict__
    for name, check in _checks(type(row)):
        if values.get(name) is not None:
            check(name, values[name])


def _before_saving(sender: Any, instance: models.Model, raw: bool = False, **_: Any) -> None:
    if not raw and sender.__module__.startswith("immis."):
        check_limits(instance)


def watch() -> None:
    """Check every record of this system before it is saved."""
    pre_save.connect(_before_saving, dispatch_uid="immis.core.limits")
