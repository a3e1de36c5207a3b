"""The tree of offices: entered from the State's own or from a file, and what lies below an office."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.core.grants import require_grant
from immis.core.scope import visible
from immis.core.services import log_action
from immis.registry.models import Office
from immis.registry.services import open_office
from immis.registry.services.common import changed, log_changes
from immis.rules.catalogue import find
from immis.rules.offices import OfficeRow, RowFault, faults_of, state_tree
from immis.rules.people import CloseFacts, StandingFacts
from immis.rules.policy import book

COLUMNS = ("code", "kind", "name_en", "name_hi", "parent", "district", "lgd_code")
_NEEDED = COLUMNS[:4]


class OddFile(Exception):
    """A file of offices that cannot be taken: every fault with its row, so that they are mended in one go."""

    def __init__(self, faults: Iterable[RowFault]):
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def read_offices(text: str) -> list[OfficeRow]:
    """The rows of a CSV file, checked against the offices that there are. Raises OddFile.

    Its columns are code, kind, name_en, name_hi, parent (the code of the office above), district and lgd_code.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    return office_rows(reader.fieldnames or (), list(reader))


def office_rows(head: Sequence[str], cells: Iterable[Mapping[str, str | None]]) -> list[OfficeRow]:
    """Rows by the names of their columns as offices, checked against those that there are. Raises OddFile."""
    if missing := [name for name in _NEEDED if name not in head]:
        raise OddFile([RowFault(1, ", ".join(missing), "", f"the first row names the columns {', '.join(COLUMNS)}")])
    faults: list[RowFault] = []
    rows = [(number, _row(number, row, faults)) for number, row in enumerate(cells, start=2)]
    faults += faults_of(rows, known=dict(Office.objects.values_list("code", "kind")))
    if faults:
        raise OddFile(sorted(faults, key=lambda fault: fault.row))
    return [row for _number, row in rows]


def _row(number: int, cells: Mapping[str, str | None], faults: list[RowFault]) -> OfficeRow:
    words = {name: str(cells.get(name) or "").strip() for name in COLUMNS}
    lgd = words.pop("lgd_code")
    if lgd and not (lgd.isascii() and lgd.isdigit() and len(lgd) <= 9):
        faults.append(RowFault(number, "lgd_code", lgd, "the number of the Local Government Directory, or nothing"))
        lgd = ""
    return OfficeRow(**words, lgd_code=int(lgd) if lgd else None)


@transaction.atomic
def enter_offices(rows: Iterable[OfficeRow], *, by: Actor, at: datetime) -> int:
    """Enter offices with their places in the tree, or change those that there are; answers how many rows there were.

    Each row comes after the one that it stands under. Raises NotPermitted, LookupError for a parent that is nowhere.
    """
    require_grant(by, "office.import")
    entered = list(rows)
    for row in entered:
        office = open_office(
            code=row.code, kind=row.kind, name_en=row.name_en, name_hi=row.name_hi, district=row.district, by=by, at=at
        )
        _place(office, row, by=by, at=at)
    return len(entered)


def _place(office: Office, row: OfficeRow, *, by: Actor, at: datetime) -> None:
    """Set the office above and the LGD number; what they were before goes into the log."""
    parent = Office.objects.filter(code=row.parent).first() if row.parent else None
    if row.parent and parent is None:
        raise LookupError(f"no office {row.parent!r} above {row.code}")
    above = parent.pk if parent else None
    if (office.parent_id, office.lgd_code) == (above, row.lgd_code):
        return
    facts = {"before": [office.parent_id, office.lgd_code], "parent": row.parent, "lgd_code": row.lgd_code}
    office.parent_id, office.lgd_code = above, row.lgd_code
    office.save(update_fields=["parent", "lgd_code"])
    log_action("office.placed", subject=("office", row.code), by=by, at=at, facts=facts)


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

    Raises NotPermitted, Refusal (PPL-11) under a closed one, OddFile for a row that does not fit into the tree.
    """
    require_grant(by, "office.open", district=row.district)
    known = dict(Office.objects.values_list("code", "kind"))
    faults = faults_of([(1, row)], known=known)
    if row.code in known:
        faults.append(RowFault(1, "code", row.code, "a code that no office has"))
    if faults:
        raise OddFile(faults)
    parent = Office.objects.filter(code=row.parent or None).first()
    if parent and (findings := find("office.order", open_facts(parent, by, at), policy=book(), at=at)):
        raise Refusal(findings)
    fields = {name: getattr(row, name) for name in ("code", "kind", "name_en", "name_hi", "district", "lgd_code")}
    office = Office.objects.create(parent=parent, **fields)
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


def open_facts(office: Office, by: Actor, at: datetime) -> StandingFacts:
    """Whether an office is open."""
    return StandingFacts(office.code, office.closed_at is None)


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
