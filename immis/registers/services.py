"""Doing an act on an entry: one way for pages, API and imports. What the act does not touch it does not check."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import may
from immis.core.services import emit_all, log_actions, next_number
from immis.registers import clocks, hooks, loader, nouns, values
from immis.registers.declaration import Act, Field, Register
from immis.registers.events import EntryActed
from immis.registers.hooks import Draft
from immis.registers.models import Entry, EntryAct, EntryValue, PublishedVersion
from immis.registers.selectors import NUMBER, may_read, scope_of
from immis.rules import catalogue
from immis.rules.calendar import INDIA, india_day
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.rules.registers.entries import EntryFacts


class Unfit(Exception):
    """Values that cannot be taken: per field the code of what is wrong and what is allowed."""

    def __init__(self, faults: Mapping[str, tuple[str, Any]]):
        super().__init__(", ".join(faults))
        self.faults = dict(faults)


@dataclass(frozen=True)
class About:
    """Whose matter an entry is, where it is not that of who acts; ``beside`` are values that no door sends."""

    district: str = ""
    party_id: int | None = None
    beside: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Given:
    """What comes with an act: values by field, the revision that was read, a reason, and a key against doubles."""

    values: Mapping[str, Any]
    revision: int | None = None
    reason: str = ""
    key: str | None = None
    about: About = About()


def why_not(register: Register, act: Act, entry: Entry | None, by: Actor) -> Finding | None:
    """Why a post may not do an act to an entry now; None where it may."""
    if by.role not in act.who or (entry is not None and not _reaches(register, act, entry, by)):
        return Finding("RGS-04", {"act": act.title})
    if (entry is None) != (not act.start) or (entry is not None and entry.state not in act.start):
        state = register.states[entry.state].title if entry else {}
        return Finding("RGS-01", {"act": act.title, "state": state})
    return None


def _reaches(register: Register, act: Act, entry: Entry, by: Actor) -> bool:
    """Whether an entry lies within an officer's grant for an act, or among those that the register gives to a post."""
    if by.is_system or (act.grant and by.is_officer and may(by, act.grant)):
        return by.is_system or may(by, act.grant, district=entry.district)
    return Entry.objects.filter(scope_of(by, register), pk=entry.pk).exists()


def acts_now(register: Register, entry: Entry, by: Actor) -> list[Act]:
    """The acts that fit an entry now for a post."""
    return [act for act in register.acts.values() if act.start and why_not(register, act, entry, by) is None]


@transaction.atomic
def do_act(*, register: Register, act: Act, given: Given, by: Actor, at: datetime, entry: Entry | None = None) -> Entry:
    """Do an act: a new entry, or a change of one, with its clocks, its index, its log line and its event.

    The same ``key`` again answers the first entry. Raises NotPermitted, Unfit for values, Refusal (RGS-01 the act does
    not fit the state, RGS-02 another changed it meanwhile, or what the act's rule finds).
    """
    if given.key and (known := entry_with(given.key)):
        return known
    if entry is not None:
        entry = Entry.objects.select_for_update(of=("self",)).select_related("office").get(pk=entry.pk)
    draft = prepared(register, act, given, by=by, at=at, entry=entry)
    if entry is None and draft.key and draft.key != given.key and (known := entry_with(draft.key)):
        return known
    return write([draft])[0]


def prepared(register: Register, act: Act, given: Given, *, by: Actor, at: datetime, entry: Entry | None) -> Draft:
    """An act that may be done, completed by its domain; nothing is written. Raises what ``do_act`` raises."""
    if finding := why_not(register, act, entry, by):
        if finding.code == "RGS-04":
            raise NotPermitted(f"{by.role} of {by.district or '—'} may not {act.name} here")
        raise Refusal(finding)
    if entry is not None and given.revision is not None and given.revision != entry.revision:
        raise Refusal(Finding("RGS-02", {"number": entry.number}))
    taken = taken_values(register, act, given, entry.values if entry else {}, by=by, entry=entry)
    district, party_id = (entry.district, entry.party_id) if entry else (by.district, by.party_id)
    about = given.about
    draft = Draft(
        register, act, {**taken, **(about.beside or {})}, by, at, entry, about.district or district,
        about.party_id or party_id, given.reason.strip(), given.key,
    )  # fmt: skip
    hooks.complete(draft)
    _ask_rule(draft)
    return draft


def enter(
    name: str,
    act: str,
    given: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    about: About = About(),
    key: str | None = None,
) -> Entry:
    """Make an entry of a register by its name, for a domain's own service; raises what ``do_act`` raises."""
    register = loader.current(name, india_day(at))
    whole = Given(given, key=key, about=about)
    return do_act(register=register, act=register.acts[act], given=whole, by=by, at=at)


def entry_with(key: str) -> Entry | None:
    """The entry that a key made already."""
    return Entry.objects.filter(key=key).first()


def keys_known(keys: Iterable[str]) -> set[str]:
    """Which of some keys made an entry already."""
    return {key for key in Entry.objects.filter(key__in=list(keys)).values_list("key", flat=True) if key}


def taken_values(
    register: Register, act: Act, given: Given, before: Mapping[str, Any], *, by: Actor, entry: Entry | None
) -> dict[str, Any]:
    """The values of an entry after an act: only the act's own fields are read and checked. Raises Unfit."""
    after, faults = dict(before), {}
    fields = [register.fields[name] for name in act.fields if may_read(by, register.fields[name], entry) or not entry]
    for field in fields:
        if field.rule or field.name not in given.values:
            continue
        try:
            value = values.read(field, given.values[field.name])
            if value is not None and field.type == "reference":
                value = nouns.resolved(field, value, by)
        except values.NotThis as error:
            faults[field.name] = (error.code, error.allowed)
            continue
        if value is None:
            after.pop(field.name, None)
        else:
            after[field.name] = value
    for field in fields:
        if field.name not in faults and field.name not in after and _is_needed(field, after):
            faults[field.name] = ("required", "")
    if act.reason == "needed" and not given.reason.strip():
        faults["reason"] = ("required", "")
    if faults:
        raise Unfit(faults)
    hidden = [field.name for field in fields if field.show_if is not None and not field.show_if.holds(after)]
    after = {name: value for name, value in after.items() if name not in hidden}
    return _computed(register, after)


def _is_needed(field: Field, after: Mapping[str, Any]) -> bool:
    if field.show_if is not None and not field.show_if.holds(after):
        return False
    return field.required or (field.require_if is not None and field.require_if.holds(after))


def _computed(register: Register, after: dict[str, Any]) -> dict[str, Any]:
    for field in register.fields.values():
        if field.rule:
            after[field.name] = catalogue.RULES[field.rule].function(after)
    return after


def _ask_rule(draft: Draft) -> None:
    if not draft.act.rule:
        return
    facts = EntryFacts(register=draft.register.name, act=draft.act.name, values=draft.values)
    if finding := catalogue.apply(catalogue.RULES[draft.act.rule], facts, policy=book(), at=draft.at):
        raise Refusal(finding)


def write(drafts: Sequence[Draft]) -> list[Entry]:
    """Write drafts of one act by one person at one instant, all or none; answers their entries in that order."""
    register, act, by, at = drafts[0].register, drafts[0].act, drafts[0].by, drafts[0].at
    _begin([draft for draft in drafts if draft.entry is None])
    entries = [cast(Entry, draft.entry) for draft in drafts]
    done = [_moved(draft, entry) for draft, entry in zip(drafts, entries, strict=True)]
    new = [entry for entry in entries if entry.pk is None]
    Entry.objects.bulk_create(new)
    for entry in entries:
        if entry.revision > 1:
            entry.save()
    EntryAct.objects.bulk_create(done)
    if register.clocks:
        for entry in entries:
            clocks.set_clocks(entry, register)
    EntryValue.objects.filter(entry__in=[entry for entry in entries if entry.revision > 1]).delete()
    EntryValue.objects.bulk_create([row for entry in entries for row in index_rows(entry, register)])
    lines = [(("entry", row.entry.number), _facts(register, row)) for row in done]
    log_actions(f"register.{act.name}", lines, by=by, at=at)
    emit_all([(_news(register, act, row, facts), subject) for row, (subject, facts) in zip(done, lines, strict=True)],
             at=at)  # fmt: skip
    for entry in entries:
        hooks.follow(register.name, act.name, entry, by, at)
    return entries


def _begin(drafts: Sequence[Draft]) -> None:
    """Give drafts without an entry a new one, with its number."""
    if not drafts:
        return
    register, by, at = drafts[0].register, drafts[0].by, drafts[0].at
    body, _new = PublishedVersion.objects.get_or_create(
        register=register.name, version=register.version, defaults={"digest": register.digest}
    )
    if body.digest != register.digest:
        raise Refusal(Finding("RGS-03", {"register": register.title, "version": register.version}))
    year = at.astimezone(INDIA).year
    last = next_number(f"register:{register.prefix}:{year}", count=len(drafts))
    for serial, draft in enumerate(drafts, last - len(drafts) + 1):
        draft.entry = Entry(
            register=register.name,
            version=register.version,
            number=f"{register.prefix}-{year}-{serial:06d}",
            state="",
            office_id=by.office_id,
            district=draft.district,
            party_id=draft.party_id,
            entered_by=by.user_id,
            entered_at=at,
            revision=0,
            key=draft.key,
            open_as=f"{register.name}:{draft.open_as}" if draft.open_as else None,
        )


def _moved(draft: Draft, entry: Entry) -> EntryAct:
    """The entry as the act leaves it, and the act as it is kept."""
    register, act, by = draft.register, draft.act, draft.by
    done = EntryAct(
        entry=entry, act=act.name, start=entry.state, to=act.to, changes=changes(entry.values, draft.values),
        reason=draft.reason, by=by.user_id, role=by.role, at=draft.at,
    )  # fmt: skip
    entry.state, entry.values, entry.district = act.to, draft.values, draft.district
    entry.changed_at, entry.revision = draft.at, entry.revision + 1
    if register.states[act.to].ends:
        entry.open_as = None
    return done


def _facts(register: Register, done: EntryAct) -> dict[str, Any]:
    return {
        "register": register.name, "act": done.act, "from": done.start, "to": done.to, "revision": done.entry.revision,
    }  # fmt: skip


def _news(register: Register, act: Act, done: EntryAct, facts: Mapping[str, Any]) -> EntryActed:
    more = {"district": done.entry.district, "title": register.title, "message": act.message}
    return EntryActed.of({**facts, **more})


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What an act changed: by field, the value before and after."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: [before.get(name), after.get(name)] for name in names}


def index_rows(entry: Entry, register: Register) -> list[EntryValue]:
    """The rows of the side table of one entry."""
    rows = [EntryValue(entry=entry, register=register.name, field=NUMBER, text=entry.number.casefold())]
    for field in register.fields.values():
        if field.find and entry.values.get(field.name) is not None:
            rows += [
                EntryValue(entry=entry, register=register.name, field=field.name, text=kept.text, number=kept.number,
                           instant=kept.instant)
                for kept in values.indexes(field, entry.values[field.name])
            ]  # fmt: skip
    return rows


def reindex(register: str, *, versions: Mapping[str, Register]) -> int:
    """Write the side table of a register anew, entry by entry; answers how many."""
    done = 0
    for entry in Entry.objects.filter(register=register).order_by("pk").iterator(chunk_size=500):
        with transaction.atomic():
            entry = Entry.objects.select_for_update().get(pk=entry.pk)
            entry.found_by.all().delete()
            EntryValue.objects.bulk_create(index_rows(entry, versions[entry.version]))
        done += 1
    return done
