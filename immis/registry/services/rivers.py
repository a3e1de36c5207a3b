"""Entering rivers, and changing how they are spelled."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.registry.changes import changed, log_changes
from immis.registry.models import River
from immis.registry.rivers import KnownRiver, as_compared, known_rivers, rivers_meant
from immis.rules.catalogue import find
from immis.rules.land.rivers import KeptRiverFacts, NewRiverFacts
from immis.rules.policy import book


@transaction.atomic
def enter_river(*, name_en: str, name_hi: str, spellings: Sequence[str], by: Actor, at: datetime) -> River:
    """Enter a river on which ghats lie. Raises Refusal (GHT-05) for a name or spelling that means another one."""
    require_grant(by, "river.enter")
    _refuse_taken(name_en, (name_en, name_hi, *spellings), at=at)
    fields = {"name_en": name_en.strip(), "name_hi": name_hi.strip(), "spellings": list(spellings)}
    row = River.objects.create(code=slugify(name_en)[:40] or f"river-{River.objects.count() + 1}", **fields)
    log_action("river.entered", subject=("river", row.code), by=by, at=at, facts=fields)
    return row


@transaction.atomic
def change_river(
    *, river: KnownRiver, name_hi: str, spellings: Sequence[str], reason: str, by: Actor, at: datetime
) -> River:
    """Change the Hindi name and the spellings of a river that an office entered; its name stays, ghats are found by it.

    Raises Refusal (GHT-05 a spelling of another one, GHT-06 a river that the law names).
    """
    require_grant(by, "river.enter")
    if findings := find("river.change", kept_river(river, by, at), policy=book(), at=at):
        raise Refusal(findings)
    row = River.objects.select_for_update().get(code=river.code)
    _refuse_taken(row.name_en, (name_hi, *spellings), but=row.code, at=at)
    before = changed(row, {"name_hi": name_hi.strip(), "spellings": list(spellings)})
    log_changes("river", row.code, before, row, by=by, at=at, reason=reason)
    return row


def kept_river(river: KnownRiver, by: Actor, at: datetime) -> KeptRiverFacts:
    """Whether the law names a river that is about to be changed."""
    return KeptRiverFacts(river.name_en, river.by_law)


def _refuse_taken(river: str, words: Sequence[str], *, at: datetime, but: str = "") -> None:
    meant = rivers_meant(known_rivers(at), at, but=but)
    others: Mapping[str, str] = {word: meant[key] for word in words if (key := as_compared(word, at)) and key in meant}
    if findings := find("river.enter", NewRiverFacts(river, others), policy=book(), at=at):
        raise Refusal(findings)
