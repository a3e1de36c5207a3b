"""Counting tries that may go wrong, in the database: exact with many processes at once, and nobody can push it out."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from immis.core.models import Throttle

_KEPT = timedelta(hours=1)


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


@transaction.atomic
def take(limits: Mapping[str, int], *, within: timedelta, at: datetime) -> bool:
    """Take one try under every name; False, and nothing taken, when one of them has no try left.

    The count of a name begins with its first try and is forgotten ``within`` later; the
    try that reaches the limit starts that time again, so that the name stays shut so long.
    The try is taken before it is made: many at once cannot all pass.
    """
    held = [(_held(name, at=at, within=within), most) for name, most in sorted(limits.items())]
    if any(row.tries >= most for row, most in held):
        return False
    for row, most in held:
        row.tries += 1
        if row.tries >= most:
            row.until = at + within
        row.save()
    return True


def _held(name: str, *, at: datetime, within: timedelta) -> Throttle:
    """The count of a name, locked; begun anew where its time is over."""
    rows = Throttle.objects.select_for_update()
    row, new = rows.get_or_create(key=_hashed(name), defaults={"until": at + within})
    if new or row.until <= at:
        row.tries, row.until = 0, at + within
        _forget(at)  # counts are added here alone, so here they are cleared away
    return row


def _forget(at: datetime) -> None:
    """Some counts whose time is over, so that names that nobody tries again do not stay."""
    over = Throttle.objects.select_for_update(skip_locked=True).filter(until__lte=at - _KEPT)
    Throttle.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:100])).delete()


@transaction.atomic
def give_back(limits: Mapping[str, int]) -> None:
    """Give back the try that was taken, as it did not go wrong."""
    keys = sorted(_hashed(name) for name in limits)
    Throttle.objects.filter(key__in=keys, tries__gt=0).update(tries=F("tries") - 1)
