"""What was handed in, by whom and how much; and the removal of what its party replaced (UPL-02)."""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from immis.clock import data_dir
from immis.core.access.throttling import take
from immis.core.errors import Refusal
from immis.core.models import Upload
from immis.core.papers.files import keep_file, path_of
from immis.private import make_private
from immis.rules.catalogue import Finding
from immis.rules.policy import book

_AT_ONCE = 500
#: A file younger than this may belong to an upload that is not committed yet.
_YOUNG_S = 3600


def admit(*, party_id: int, size_bytes: int, at: datetime) -> None:
    """Count one upload of a party, before anything of it is read. Raises Refusal (UPL-02)."""
    terms = book().value("UPL-02", at)
    within = timedelta(minutes=int(terms["within_minutes"]))
    if not take({f"upload:{party_id}": int(terms["uploads"])}, within=within, at=at):
        raise _refusal("rate", terms)
    kept = Upload.objects.filter(party_id=party_id, removed_at__isnull=True)
    distinct = kept.values("sha256", "size_bytes").distinct()  # one scan for many lots takes its room once
    held = distinct.aggregate(files=Count("sha256"), size_bytes=Sum("size_bytes"))
    if held["files"] >= int(terms["party_files"]):
        raise _refusal("files", terms)
    if (held["size_bytes"] or 0) + size_bytes > int(terms["party_mb"]) * 1_000_000:
        raise _refusal("bytes", terms)


def _admit_again(party_id: int, place: str, *, at: datetime) -> None:
    terms = book().value("UPL-02", at)
    since = at - timedelta(minutes=int(terms["same_paper_minutes"]))
    if Upload.objects.filter(party_id=party_id, place=place, kept_at__gt=since).count() >= int(terms["same_paper"]):
        raise _refusal("same_paper", terms)


def _refusal(problem: str, terms: Mapping[str, Any]) -> Refusal:
    figures = {name: figure for name, figure in terms.items() if name not in ("problems", "keep_replaced_hours")}
    return Refusal(Finding("UPL-02", {**figures, "problem": dict(terms["problems"][problem])}))


def keep(content: bytes, *, at: datetime, party_id: int | None = None, place: str = "") -> str:
    """Keep a file, inside the transaction that refers to it; answers its SHA-256.

    ``place`` names the one place of a party's paper (``bid:7:`` and a letter): what stood there is replaced.
    Raises Refusal (UPL-02) where one paper was replaced too often.
    """
    if place and party_id is not None:
        _admit_again(party_id, place, at=at)
    with _files_locked(fcntl.LOCK_SH):
        sha256 = keep_file(content)
        os.utime(path_of(sha256))  # young again: nobody removes it before this transaction ends
    if place:
        earlier = Upload.objects.filter(party_id=party_id, place=place, replaced_at__isnull=True)
        earlier.update(replaced_at=at)
    Upload.objects.create(sha256=sha256, size_bytes=len(content), party_id=party_id, place=place, kept_at=at)
    return sha256


def keep_document(file: Any, *, at: datetime) -> str:
    """Keep the paper of an order as a form hands it in, inside the transaction that refers to it; empty without one."""
    return keep(file.read(), at=at) if file else ""


def stand_for_good(sha256: str) -> None:
    """A paper that was judged stays, though its party hands in another one."""
    Upload.objects.filter(sha256=sha256).exclude(place="").update(place="")


def remove_replaced(*, at: datetime) -> int:
    """Remove files that were replaced long enough ago and stand nowhere else; answers how many uploads were settled.

    A file is known by its content: while any upload of the same content stands, it stays.
    """
    hours = int(book().value("UPL-02", at)["keep_replaced_hours"])
    due = Upload.objects.filter(replaced_at__lte=at - timedelta(hours=hours), removed_at__isnull=True)
    settled = 0
    for upload in due.order_by("pk")[:_AT_ONCE]:
        settled += _remove(upload, at=at)
    return settled


@transaction.atomic
def _remove(upload: Upload, *, at: datetime) -> bool:
    with _files_locked(fcntl.LOCK_EX):
        path = path_of(upload.sha256)
        stands = Upload.objects.filter(sha256=upload.sha256, replaced_at__isnull=True).exists()
        if not stands and path.exists():
            if _age_s(path) < _YOUNG_S:
                return False
            path.unlink()
    Upload.objects.filter(pk=upload.pk).update(removed_at=at)
    return True


def _age_s(path: Path) -> float:
    return time.time() - float(path.stat().st_mtime)


@contextmanager
def _files_locked(how: int) -> Iterator[None]:
    """Keepers together, a remover alone: a file that is handed in again is not removed under them."""
    folder = make_private(data_dir() / "files")
    with (folder / ".lock").open("a") as file:
        fcntl.flock(file, how)
        yield
