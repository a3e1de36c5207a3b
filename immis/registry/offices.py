"""The tree of offices: entered from the State's own or from a file, and what lies below an office."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.registry.models import Office
from immis.registry.services import open_office
from immis.rules.offices import OfficeRow, RowFault, faults_of, state_tree

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
    if missing := [name for name in _NEEDED if name not in (reader.fieldnames or ())]:
        raise OddFile([RowFault(1, ", ".join(missing), "", f"the first row names the columns {', '.join(COLUMNS)}")])
    faults: list[RowFault] = []
    rows = [(number, _row(number, cells, faults)) for number, cells in enumerate(reader, start=2)]
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


def enter_state_tree(*, by: Actor, at: datetime) -> int:
    """Enter the State's own tree: headquarters, nine divisions, thirty-eight districts; answers how many offices."""
    return enter_offices(state_tree(), by=by, at=at)
