"""A sheet on its way in: kept row by row as it was read, checked, and taken in, a part at a time.

The worker does a part of it in each of its rounds, so that other jobs go on; what is done is written in the same
transaction, so that a worker that is stopped goes on where it was.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from immis.clock import data_dir
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.batches import each
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.facts import plain
from immis.core.grants import may, require_grant
from immis.core.papers import uploads
from immis.core.scope import own, visible
from immis.core.services import log_action
from immis.private import make_private
from immis.reading import whole_number
from immis.registry.models import SheetFile
from immis.registry.selectors import actor_of
from immis.registry.sheets.kinds import KINDS, SheetKind, Taking, findings_of
from immis.rules.catalogue import Finding
from immis.rules.writing.texts import texts

A_PART = 1_000
_PARTS_A_ROUND = 3
_AT_ONCE = 3
_SHOWN_FAULTS = 1_000  # kept with the sheet for its page; all of them lie beside its rows
_OPEN = (SheetFile.CHECKING, SheetFile.TAKING)


@dataclass(frozen=True)
class Handed:
    """A sheet as it was handed in: its kind, name, head and rows, why what it changes changes, and its hash."""

    kind: str
    name: str
    head: Sequence[str]
    rows: Iterable[Sequence[str]]
    reason: str = ""
    sha256: str = ""


def files(viewer: Actor, **filters: Any) -> QuerySet[SheetFile]:
    """Sheets that were handed in within the reach, of the kinds that the viewer may enter, newest first."""
    reach = visible(viewer, "sheet.hand_in", party="party_id")
    kinds = [kind.name for kind in KINDS.values() if may(viewer, kind.grant)]
    return SheetFile.objects.filter(reach | own(viewer, "by_id"), kind__in=kinds).filter(**filters)


def file_of(kind: str, pk: int, viewer: Actor) -> SheetFile:
    """One sheet. Raises NotFound unless this viewer may see it."""
    row = files(viewer, kind=kind, pk=pk).first()
    if row is None:
        raise NotFound(f"sheet {pk}")
    return row


def kind_of(name: str) -> SheetKind:
    """A kind of sheet. Raises NotFound."""
    if name not in KINDS:
        raise NotFound(f"sheets of {name}")
    return KINDS[name]


def _columns(kind: SheetKind, head: Sequence[str]) -> list[str]:
    """The column that each place of the first row names, in either language. Raises Refusal (REG-32)."""
    words = texts("registry/columns")
    names = {word.casefold(): name for name in kind.columns.readers for word in (name, *words[name].values())}
    columns = [names.get(word.strip().casefold(), "") for word in head]
    unknown = [word for word, name in zip(head, columns, strict=True) if not name]
    missing = [name for name in kind.columns.needed if name not in columns]
    if unknown or missing or len(set(columns)) != len(columns):
        facts = {"unknown": unknown or ["—"], "missing": missing or ["—"], "allowed": list(kind.columns.readers)}
        raise Refusal(Finding("REG-32", facts))
    return columns


def hand_in(handed: Handed, *, by: Actor, at: datetime) -> SheetFile:
    """Keep a sheet to be checked by the worker. Raises Refusal (REG-32) for another first row, NotPermitted."""
    kind = kind_of(handed.kind)
    require_grant(by, "sheet.hand_in")
    require_grant(by, kind.grant)
    columns = _columns(kind, handed.head)
    path = rows_path(kind.name, handed.sha256)
    count = _write_rows(path, columns, handed.rows)
    return SheetFile.objects.create(
        kind=kind.name,
        sha256=handed.sha256,
        name=handed.name[-200:],
        reason=handed.reason.strip()[:300],
        rows=count,
        by_id=by.user_id,
        district=by.district,
        party_id=by.party_id,
        sent_at=at,
    )


@transaction.atomic
def hand_in_upload(handed: Handed, *, raw: bytes, by: Actor, at: datetime) -> SheetFile:
    """Keep a sheet that came as a file, with the file itself; raises what ``hand_in`` does, and Refusal (UPL-02)."""
    if by.party_id:
        uploads.admit(party_id=by.party_id, size_bytes=len(raw), at=at)
    row = hand_in(replace(handed, sha256=hashlib.sha256(raw).hexdigest()), by=by, at=at)
    uploads.keep(raw, at=at, party_id=by.party_id)
    return row


def rows_path(kind: str, sha256: str) -> Path:
    """Where the rows of a sheet are kept, one a line."""
    return make_private(data_dir() / "sheets") / f"{kind}-{sha256}.jsonl"


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    count, part = 0, path.with_suffix(f".{os.getpid()}")
    with part.open("w", encoding="utf-8") as out:
        for row in rows:
            count += 1
            cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if cell.strip()}
            out.write(json.dumps(cells, ensure_ascii=True) + "\n")
    os.replace(part, path)
    return count


@transaction.atomic
def take_in(*, file: SheetFile, by: Actor, at: datetime) -> SheetFile:
    """The second step: what could be taken is taken in by the worker. Nothing happens to one that is on its way.

    Raises NotPermitted for who may not enter such things.
    """
    require_grant(by, "sheet.hand_in")
    require_grant(by, kind_of(file.kind).grant)
    row = SheetFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if row.state == SheetFile.CHECKED:
        row.state, row.by_id, row.looked_at, row.read_bytes = SheetFile.TAKING, by.user_id, 0, 0
        row.entered = row.changed = row.refused = 0
        row.faults, row.fault_bytes = [], 0
        row.save()
    return row


def work_on_files(*, at: datetime) -> int:
    """A round of the worker: the next parts of the oldest sheets; answers how many rows were looked at.

    A sheet whose part fails is logged and holds up none behind it, however many fail.
    """
    files = list(SheetFile.objects.filter(state__in=_OPEN).order_by("pk"))
    return sum(_part_of_each(files, at=at) for _ in range(_PARTS_A_ROUND)) if files else 0


def _part_of_each(files: Sequence[SheetFile], *, at: datetime) -> int:
    """The next part of the first sheets that go on; answers how many rows were looked at."""
    work, name = partial(work_on, at=at), lambda file: f"sheet {file.pk}"
    parts = (each("registry.sheets", [file], work, name=name) for file in files)
    return sum(islice(filter(None, parts), _AT_ONCE))


def work_on(file: SheetFile, *, at: datetime) -> int:
    """Check or take in the next part of a sheet; answers how many rows were looked at, 0 when it is through."""
    by = actor_of(file.by) if file.by_id else SYSTEM
    with transaction.atomic():
        row = SheetFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
        if row.state not in _OPEN:
            return 0
        rows, read_bytes = _part(row)
        try:
            taken, faults = _take(row, rows, by=by, at=at)
        except NotPermitted:  # the post was lost on the way: the rest is not taken
            taken, faults, read_bytes, rows = (0, 0, row.rows - row.looked_at), [], row.read_bytes, []
            row.looked_at = row.rows
        row.entered, row.changed, row.refused = row.entered + taken[0], row.changed + taken[1], row.refused + taken[2]
        row.looked_at, row.read_bytes = row.looked_at + len(rows), read_bytes
        row.faults = [*row.faults, *faults][:_SHOWN_FAULTS]
        row.fault_bytes = _keep_faults(row, faults)
        if row.looked_at >= row.rows:
            _end(row, by=by, at=at)
        row.save()
    return len(rows)


def _faults_path(file: SheetFile) -> Path:
    return rows_path(file.kind, file.sha256).with_suffix(f".{file.pk}.faults")


def _keep_faults(file: SheetFile, faults: Sequence[dict[str, Any]]) -> int:
    """Write what is wrong behind what is written already; answers where it ends.

    What a transaction that was broken off had written lies behind the end that is on record, and is written over.
    """
    if not faults:
        return file.fault_bytes
    path = _faults_path(file)
    path.touch(mode=0o600)
    with path.open("r+b") as out:
        out.seek(file.fault_bytes)
        out.truncate()
        for fault in faults:
            out.write(json.dumps(plain(fault), ensure_ascii=True).encode() + b"\n")
        return out.tell()


def all_faults(file: SheetFile) -> Iterator[dict[str, Any]]:
    """Everything that is wrong with a sheet, row by row."""
    if not file.fault_bytes:
        return
    with _faults_path(file).open("rb") as lines:
        while lines.tell() < file.fault_bytes:
            yield json.loads(lines.readline())


def _part(file: SheetFile) -> tuple[list[dict[str, str]], int]:
    with rows_path(file.kind, file.sha256).open("rb") as lines:
        lines.seek(file.read_bytes)
        rows = [json.loads(line) for _n, line in zip(range(A_PART), iter(lines.readline, b""), strict=False)]
        return rows, lines.tell()


def _take(
    file: SheetFile, rows: Sequence[dict[str, str]], *, by: Actor, at: datetime
) -> tuple[tuple[int, int, int], list[dict[str, Any]]]:
    """Enter a part of a sheet, or, while it is checked, find out what could be entered; answers counts and faults."""
    kind, first = kind_of(file.kind), file.looked_at + 2  # the first row of a sheet is its head
    sound, places, faults = [], [], []
    for number, cells in enumerate(rows, first):
        values, findings = kind.columns.row(cells)
        if findings:
            faults += [(number, finding) for finding in findings]
        else:
            sound.append(values)
            places.append(number)
    check = file.state == SheetFile.CHECKING
    coming = _coming(file, first + len(rows)) if check else {}
    taken = kind.take(sound, Taking(by, at, file.reason, coming, only_check=check))
    faults += findings_of(taken, places)
    refused = len({number for number, _finding in faults})
    faults.sort(key=lambda fault: fault[0])
    kept = [{"row": number, "code": finding.code, "facts": plain(finding.facts)} for number, finding in faults]
    return (taken.entered, taken.changed, refused), kept


def _coming(file: SheetFile, below: int) -> dict[str, str]:
    """What the rows of a sheet above a row promise to those that name it: it is checked before it is entered."""
    if kind_of(file.kind).promise is None:
        return {}
    promised = _promised(file.kind, rows_path(file.kind, file.sha256))
    return {mark: what for mark, (number, what) in promised.items() if number < below}


@lru_cache(maxsize=2)
def _promised(kind: str, path: Path) -> dict[str, tuple[int, str]]:
    read, promised = KINDS[kind], dict[str, tuple[int, str]]()
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 2):
            if read.promise and (promise := read.promise(json.loads(line))):
                promised.setdefault(promise[0], (number, promise[1]))
    return promised


def _end(file: SheetFile, *, by: Actor, at: datetime) -> None:
    """A sheet that is through: checked, or taken in with one line of the log."""
    if file.state == SheetFile.CHECKING:
        file.state = SheetFile.CHECKED
        return
    file.state, file.done_at = SheetFile.DONE, at
    counts = {name: getattr(file, name) for name in ("rows", "entered", "changed", "refused")}
    facts = {"kind": file.kind, "name": file.name, "sha256": file.sha256, "reason": file.reason, **counts}
    log_action("sheet.taken_in", subject=("sheet", str(file.pk)), by=by, at=at, facts=facts)


def column_of(pk: str, kind: str, column: str) -> list[str]:
    """What the rows of a sheet of a kind that was taken in have in a column; nothing of any other sheet."""
    file = SheetFile.objects.filter(pk=whole_number(pk) or 0, kind=kind, state=SheetFile.DONE).first()
    path = rows_path(kind, file.sha256) if file else None
    if path is None or not path.exists():
        return []
    with path.open("rb") as lines:
        return [cell for line in lines if (cell := json.loads(line).get(column))]


def failed_rows(file: SheetFile, say: Callable[[tuple[str, Any]], str]) -> Iterator[list[str]]:
    """The rows that were not taken with what is wrong beside them, to be mended and handed in again."""
    why: dict[int, list[str]] = {}
    for fault in all_faults(file):
        why.setdefault(fault["row"], []).append(say((fault["code"], fault["facts"])))
    columns = list(kind_of(file.kind).columns.readers)
    yield [*columns, "row", "why"]
    with rows_path(file.kind, file.sha256).open("rb") as lines:
        for number, line in enumerate(lines, 2):
            if number in why:
                cells = json.loads(line)
                yield [*(cells.get(name, "") for name in columns), str(number), "; ".join(why[number])]
