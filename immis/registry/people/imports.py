"""Files of offices and of charges: checked as a whole, row by row, then taken in by the worker, whose progress shows.

A file with a fault is not taken at all. It leaves one line in the action log, with its hash; each charge keeps who gave
it. Taking a file in again adds nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q

from immis.adapters.sheets import Sheet
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotFound
from immis.core.grants import may, require_grant
from immis.core.papers.files import path_of
from immis.core.papers.reading import read_upload
from immis.core.papers.uploads import keep
from immis.core.services import log_action
from immis.registry.models import Office, Post, User
from immis.registry.offices import COLUMNS as OFFICE_COLUMNS
from immis.registry.offices import OddFile, enter_offices, office_rows
from immis.registry.people.charges import GIVE, standing
from immis.registry.people.models import PeopleImport
from immis.rules.calendar import end_of, india_day
from immis.rules.offices import RowFault
from immis.rules.people_rows import COLUMNS, NEEDED, Known, KnownOffice, KnownPerson, PersonRow, faults_of, row_of

OFFICES, CHARGES = "offices", "charges"
AT_ONCE = 2000  # rows in one transaction


@dataclass(frozen=True)
class ReadFile:
    """The sound rows of a file, and whether they are offices or charges."""

    kind: str
    rows: Sequence[Any]


def read_file(sheet: Sheet, *, by: Actor, at: datetime) -> ReadFile:
    """The rows of a sheet of offices or of charges, all of them checked. Raises OddFile with every fault by its row."""
    head = [name.strip().casefold() for name in sheet.head]
    cells = [dict(zip(head, row, strict=False)) for row in sheet.rows]
    if all(name in head for name in NEEDED):
        return ReadFile(CHARGES, _charges(cells, by=by, at=at))
    if "code" in head:
        return ReadFile(OFFICES, office_rows(head, cells))
    columns = f"{', '.join(OFFICE_COLUMNS)} (offices) or {', '.join(COLUMNS)} (charges)"
    raise OddFile([RowFault(1, ", ".join(head)[:80], "", f"the first row names the columns {columns}")])


def _charges(cells: Sequence[Mapping[str, str]], *, by: Actor, at: datetime) -> list[PersonRow]:
    rows = [(number, row, row_of(row)) for number, row in enumerate(cells, start=2)]
    known = Known(_offices(by), _people({row.username for _number, _cells, row in rows}, by))
    if faults := faults_of(rows, known=known, today=india_day(at)):
        raise OddFile(sorted(faults, key=lambda fault: fault.row))
    return [row for _number, _cells, row in rows]


def _offices(by: Actor) -> dict[str, KnownOffice]:
    rows = Office.objects.values_list("code", "kind", "district", "closed_at")
    reached = {district: may(by, GIVE, district=district) for district in {row[2] for row in rows}}
    return {code: KnownOffice(kind, closed is None, reached[district]) for code, kind, district, closed in rows}


def _people(names: set[str], by: Actor) -> dict[str, KnownPerson]:
    """The people of a file that there are; asked for some at a time, as a database takes so many names at once."""
    of_party = set(
        User.objects.filter(Q(parties__isnull=False) | Q(authorities__isnull=False)).values_list("pk", flat=True)
    )
    known, ordered = {}, sorted(names)
    for start in range(0, len(ordered), AT_ONCE):
        rows = User.objects.filter(username__in=ordered[start : start + AT_ONCE])
        for pk, username, active in rows.values_list("pk", "username", "is_active"):
            known[username] = KnownPerson(active, pk in of_party, pk == by.user_id)
    return known


def require_kind(by: Actor, kind: str) -> None:
    """Raises NotPermitted unless the post takes in files of this kind."""
    require_grant(by, "office.import" if kind == OFFICES else GIVE)


@transaction.atomic
def begin_import(*, raw: bytes, file: ReadFile, by: Actor, at: datetime) -> PeopleImport:
    """Begin to take in a file whose rows are sound; the worker does it. Raises NotPermitted."""
    require_kind(by, file.kind)
    run = PeopleImport(sha256=hashlib.sha256(raw).hexdigest(), kind=file.kind, rows=len(file.rows), by=by.user_id)
    keep(raw, at=at)
    facts = {"kind": file.kind, "rows": run.rows, "sha256": run.sha256}
    log_action("people.imported", subject=("file", run.sha256[:60]), by=by, at=at, facts=facts)
    run.begun_at = at
    run.save()
    return run


def import_of(viewer: Actor, pk: int) -> PeopleImport:
    """A file that this person hands in, with its progress. Raises NotFound for anybody else's."""
    run = PeopleImport.objects.filter(pk=pk, by=viewer.user_id).first()
    if run is None:
        raise NotFound(f"import {pk}")
    return run


def take_in_files(*, at: datetime) -> int:
    """The worker's job: take in what was begun, some rows a transaction; answers how many rows."""
    return sum(take_in(run, at=at) for run in PeopleImport.objects.filter(ended_at__isnull=True).order_by("pk"))


def take_in(run: PeopleImport, *, at: datetime, sheet: Sheet | None = None) -> int:
    """Take in one file from where it stands. What its rows name is as it was checked; it was sound then.

    Two processes may do it together: each takes the next rows under the lock of the file.
    """
    sheet = sheet or read_upload("sheet", path_of(run.sha256).read_bytes())
    head = [name.strip().casefold() for name in sheet.head]
    cells = [dict(zip(head, row, strict=False)) for row in sheet.rows]
    rows: Sequence[Any] = office_rows(head, cells) if run.kind == OFFICES else [row_of(row) for row in cells]
    taken = 0
    while count := _take_rows(run.pk, rows, at=at):
        taken += count
    return taken


@transaction.atomic
def _take_rows(pk: int, rows: Sequence[Any], *, at: datetime) -> int:
    """Take in the next rows of a file and write down how far it came; answers how many there were."""
    run = PeopleImport.objects.select_for_update().get(pk=pk)
    some = rows[run.done : run.done + AT_ONCE]
    if run.kind == OFFICES:
        enter_offices(some, by=SYSTEM, at=at)
    else:
        _give(some, given_by=run.by, at=at)
    run.done += len(some)
    run.ended_at = run.ended_at or (at if run.done >= len(rows) else None)
    run.save(update_fields=["done", "ended_at"])
    return len(some)


def _give(rows: Sequence[PersonRow], *, given_by: int | None, at: datetime) -> None:
    names = {row.username for row in rows}
    known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    new = {row.username: row for row in rows if row.username not in known}
    User.objects.bulk_create([_person(row) for row in new.values()])
    people = {user.username: user for user in User.objects.filter(username__in=names)}
    offices = {office.code: office for office in Office.objects.filter(code__in={row.office for row in rows})}
    over = Post.objects.filter(user__in=people.values(), active=True).exclude(standing(at)).exclude(begins_at__gt=at)
    over.update(active=False)
    held = set(Post.objects.filter(user__in=people.values(), active=True).values_list("user_id", "office_id", "role"))
    given = [(row, people[row.username], offices[row.office]) for row in rows]
    Post.objects.bulk_create(
        [
            Post(user=user, office=office, role=row.post, begins_at=at, given_by=given_by, **_terms(row))
            for row, user, office in given
            if (user.pk, office.pk, row.post) not in held
        ]
    )


def _person(row: PersonRow) -> User:
    user = User(username=row.username, name_en=row.name_en, name_hi=row.name_hi, email=row.email)
    user.password = make_password(None)
    return user


def _terms(row: PersonRow) -> dict[str, Any]:
    ends_at = end_of(row.ends_on) if row.ends_on else None
    return {"additional": row.additional, "ends_at": ends_at, "reference": row.reference}
