"""The tree of offices: entered from the State's own or from a sheet, and what lies below an office."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.core.grants import require_grant
from immis.core.scope import visible
from immis.core.services import log_action, log_actions
from immis.registry.changes import Taken, changed, log_changes
from immis.registry.models import Office
from immis.rules.catalogue import Finding, find
from immis.rules.offices import OfficeRow, is_of_a_district, kinds_above, misfits_of, state_tree
from immis.rules.people import CloseFacts, KindFacts, StandingFacts
from immis.rules.policy import book
from immis.rules.posts import chart
from immis.rules.registry.cells import misfit


def take_offices(
    rows: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    at: datetime,
    coming: Mapping[str, str] | None = None,
    reason: str | None = None,
    only_check: bool = False,
) -> Taken:
    """Enter many offices with their places in the tree, or change those that there are, each after the one above it.

    ``coming`` are the kinds, by code, of offices that stand earlier in the same sheet; ``only_check`` writes nothing.
    What is refused is answered by its place: REG-31, PPL-11 for a closed office or under one. The log has a line for
    each change, and for new ones as well unless they come from a file, which gives its ``reason``. Offices under one
    that moves to another district lie there too. Raises NotPermitted.
    """
    require_grant(by, "office.import")
    taken, sound = Taken(), {}
    standing = list(Office.objects.values_list("code", "kind", "district", "closed_at"))
    kinds = {**(coming or {}), **{code: kind for code, kind, _district, _closed in standing}}
    to_come = set(coming or ()) if only_check else set()  # where these will lie is not written yet
    districts = {code: district for code, _kind, district, _closed in standing if code not in to_come}
    closed = {code for code, *_more, at_closing in standing if at_closing}
    for place, fields in enumerate(rows):
        row = OfficeRow(**fields)
        findings = misfits_of(row, known=kinds, districts=districts) + _closed(row, closed, at)
        if row.code in sound:
            findings.append(misfit("code", row.code, "twice"))
        if findings:
            taken.refused[place] = findings
            continue
        sound[row.code] = row
        kinds[row.code], districts[row.code] = row.kind, row.district
    if not only_check:
        taken.entered, taken.changed = _write(sound, by=by, at=at, reason=reason)
    return taken


def _closed(row: OfficeRow, closed: Collection[str], at: datetime) -> list[Finding]:
    """What a closed office has against a row that changes it or stands under it."""
    asked = [StandingFacts(code, stands=False) for code in (row.code, row.parent) if code in closed]
    return [finding for facts in asked for finding in find("office.order", facts, policy=book(), at=at)]


def _write(rows: Mapping[str, OfficeRow], *, by: Actor, at: datetime, reason: str | None) -> tuple[int, int]:
    """Write the sound rows; answers how many were entered and how many changed."""
    standing = Office.objects.in_bulk([*rows, *{row.parent for row in rows.values()}], field_name="code")
    new = [Office(code=code, **_named(row)) for code, row in rows.items() if code not in standing]
    offices = standing | {row.code: row for row in Office.objects.bulk_create(new)}
    moved, lines = [], []
    for code, row in rows.items():
        office, above = offices[code], offices.get(row.parent)
        fields = {**_named(row), "parent_id": above.pk if above else None}
        before = {name: getattr(office, name) for name, value in fields.items() if getattr(office, name) != value}
        for name in before:
            setattr(office, name, fields[name])
        if before:
            moved.append(office)
        if before and code in standing:
            after = {name: fields[name] for name in before}
            why = {"reason": reason} if reason else {}
            lines.append((("office", code), {"before": before, "after": after, **why}))
    Office.objects.bulk_update(moved, [*_NAMED, "parent"], batch_size=200)
    for (_kind, code), facts in lines:
        if "district" in facts["before"]:
            _follow(offices[code], reason or "", by=by, at=at)
    if new and reason is None:
        placed = [(("office", row.code), {"parent": rows[row.code].parent, "lgd_code": row.lgd_code}) for row in new]
        log_actions("office.placed", placed, by=by, at=at)
    if lines:
        log_actions("office.changed", lines, by=by, at=at)
    return len(new), len(lines)


_NAMED = ("kind", "name_en", "name_hi", "district", "lgd_code")


def _named(row: OfficeRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _NAMED}


@transaction.atomic
def enter_offices(rows: Iterable[OfficeRow], *, by: Actor, at: datetime) -> int:
    """Enter offices with their places in the tree, or change those that there are; answers how many rows there were.

    Raises NotPermitted, Refusal (REG-31) for a row that does not fit into the tree.
    """
    entered = [vars(row) for row in rows]
    taken = take_offices(entered, by=by, at=at)
    if taken.refused:
        raise Refusal([finding for findings in taken.refused.values() for finding in findings])
    return len(entered)


def seen_offices(viewer: Actor, **filters: Any) -> QuerySet[Office]:
    """Offices that the viewer's post reaches, closed ones too, in the order of their codes."""
    return Office.objects.select_related("parent").filter(visible(viewer, "office.read"), **filters).order_by("code")


def named_like(rows: QuerySet[Office], text: str) -> QuerySet[Office]:
    """Of some offices those whose code or name holds a text."""
    return rows.filter(Q(code__icontains=text) | Q(name_en__icontains=text) | Q(name_hi__icontains=text))


def seen_office(viewer: Actor, code: str) -> Office:
    """One office by its code. Raises NotFound unless the viewer may see it."""
    row = seen_offices(viewer, code=code).first()
    if row is None:
        raise NotFound(f"office {code}")
    return row


@transaction.atomic
def add_office(*, row: OfficeRow, reference: str, by: Actor, at: datetime) -> Office:
    """Create an office by an order.

    Raises NotPermitted, Refusal: PPL-11 under a closed one, REG-31 for what does not fit into the tree.
    """
    require_grant(by, "office.open", district=row.district)
    known = dict(Office.objects.values_list("code", "kind"))
    findings = misfits_of(row, known=known)
    if row.code in known:
        findings.append(misfit("code", row.code, "twice"))
    if findings:
        raise Refusal(findings)
    parent = Office.objects.filter(code=row.parent or None).first()
    if parent and (findings := find("office.order", open_facts(parent, by, at), policy=book(), at=at)):
        raise Refusal(findings)
    office = Office.objects.create(parent=parent, code=row.code, **_named(row))
    log_action("office.opened", subject=("office", row.code), by=by, at=at, facts={**vars(row), "reference": reference})
    return office


@transaction.atomic
def rename_office(*, office: Office, name_en: str, name_hi: str, reference: str, by: Actor, at: datetime) -> Office:
    """Give an office another name by an order; the log keeps the old one. Raises NotPermitted, Refusal (PPL-11)."""
    require_grant(by, "office.rename", district=office.district)
    row = Office.objects.select_for_update(of=("self",)).get(pk=office.pk)
    if findings := find("office.order", open_facts(row, by, at), policy=book(), at=at):
        raise Refusal(findings)
    before = changed(row, {"name_en": name_en, "name_hi": name_hi})
    log_changes("office", row.code, before, row, by=by, at=at, reason=reference)
    return row


@transaction.atomic
def move_office(
    *, office: Office, parent: Office, reference: str, by: Actor, at: datetime, district: str = ""
) -> Office:
    """Place an office under another one, or in another district, by an order; those under it lie where it does.

    Under an office of a district it lies in that one's district. Raises NotPermitted, Refusal: PPL-11 for or under a
    closed office, REG-31 for what does not fit into the tree.
    """
    row = Office.objects.select_for_update(of=("self",)).get(pk=office.pk)
    there = parent.district or (district if is_of_a_district(row.kind) else "")
    for touched in {row.district, there}:
        require_grant(by, "office.move", district=touched)
    for standing in (row, parent):
        if findings := find("office.order", open_facts(standing, by, at), policy=book(), at=at):
            raise Refusal(findings)
    placed = OfficeRow(row.code, row.kind, row.name_en, row.name_hi, parent.code, there, row.lgd_code)
    if findings := misfits_of(placed, known={parent.code: parent.kind}):
        raise Refusal(findings)
    was = {"parent": row.parent.code if row.parent else "", "district": row.district}
    row.parent, row.district = parent, there
    row.save(update_fields=["parent", "district"])
    _moved(row, was, reference, by=by, at=at)
    return row


def _moved(row: Office, was: dict[str, Any], reference: str, *, by: Actor, at: datetime) -> None:
    """Write down where an office stood and stands; those under it follow."""
    now = {"parent": row.parent.code if row.parent else "", "district": row.district}
    if was == now:
        return
    facts = {"before": was, "after": now, "reference": reference}
    log_action("office.moved", subject=("office", row.code), by=by, at=at, facts=facts)
    _follow(row, reference, by=by, at=at)


def _follow(row: Office, reference: str, *, by: Actor, at: datetime) -> None:
    """Let the offices under one that is of a district lie there too."""
    if not row.district:
        return
    for below in Office.objects.select_for_update(of=("self",)).filter(parent=row).exclude(district=row.district):
        before = {"parent": row.code, "district": below.district}
        below.district = row.district
        below.save(update_fields=["district"])
        _moved(below, before, reference, by=by, at=at)


def open_facts(office: Office, by: Actor, at: datetime) -> StandingFacts:
    """Whether an office is open."""
    return StandingFacts(office.code, office.closed_at is None)


def kind_facts(office: Office, by: Actor, at: datetime) -> KindFacts:
    """What may be held in an office of this kind, and whether one stands above it."""
    posts = [post.code for post in chart().posts.values() if office.kind in post.offices]
    return KindFacts(office.code, tuple(posts), has_above=bool(kinds_above(office.kind)))


def close_facts(office: Office, by: Actor, at: datetime) -> CloseFacts:
    """What speaks against closing an office."""
    people = office.posts.filter(active=True).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at)).count()
    offices = office.below.filter(closed_at__isnull=True).count()
    return CloseFacts(office.code, office.closed_at is not None, people, offices)


@transaction.atomic
def close_office(*, office: Office, reason: str, reference: str, by: Actor, at: datetime) -> Office:
    """Close an office by an order; its records stay. Raises NotPermitted, Refusal (PPL-03)."""
    require_grant(by, "office.close", district=office.district)
    row = Office.objects.select_for_update(of=("self",)).get(pk=office.pk)
    if findings := find("office.close", close_facts(row, by, at), policy=book(), at=at):
        raise Refusal(findings)
    row.closed_at = at
    row.save(update_fields=["closed_at"])
    facts = {"reason": reason, "reference": reference}
    log_action("office.closed", subject=("office", row.code), by=by, at=at, facts=facts)
    return row


def enter_state_tree(*, by: Actor, at: datetime) -> int:
    """Enter the State's own tree: headquarters, nine divisions, thirty-eight districts; answers how many offices."""
    return enter_offices(state_tree(), by=by, at=at)
