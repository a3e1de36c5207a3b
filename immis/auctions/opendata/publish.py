"""Keeping the published files current: what the outbox says changed, and what time alone has changed."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from immis.auctions.models import Lot
from immis.auctions.opendata.geo import feature_collection, ghat_feature, lot_feature
from immis.auctions.opendata.package import ocds_path, release_package
from immis.clock import data_dir
from immis.core.access.permissions import SYSTEM
from immis.core.events import kinds_of
from immis.core.papers.files import write_whole
from immis.core.selectors import cursor_position, events_after, move_cursor, newest_event
from immis.leases.selectors import leases
from immis.ledger.events import ReceiptNews
from immis.registry.selectors import blocks

_EVENTS, _TIME = "opendata.events", "opendata.time"
#: Where nothing changed, how far it has looked is written down once in so many seconds, not at every look.
_NOTE_S = 60
#: Where several write at once, numbers of the outbox are given before their transaction ends: look back for late ones.
_LOOK_BACK = 500 if connection.features.has_select_for_update else 0


@transaction.atomic
def publish_changed(*, at: datetime) -> int:
    """Write the release packages of lots that changed since the last call, and the maps; answers how many files."""
    last_event = newest_event()
    position, since = cursor_position(_EVENTS), cursor_position(_TIME)
    now = int(at.timestamp())
    before = datetime.fromtimestamp(since, tz=at.tzinfo)
    wanted = timed = Q(opens_at__gt=before, opens_at__lte=at) | Q(ends_at__gt=before, ends_at__lte=at)
    if last_event > position:
        wanted |= Q(code__in=_touched(position - _LOOK_BACK))
    everything = at.date() != before.date()  # once a day all of them: steps and due days pass without an event
    chosen = _lots() if everything else _lots().filter(wanted)
    written = sum(_renew(lot, at) for lot in chosen)
    if everything or (chosen and _maps_change(position - _LOOK_BACK, timed)):
        written += _renew_maps(at)
    if everything or written or last_event > position or now - since >= _NOTE_S:
        move_cursor(_EVENTS, last_event)
        move_cursor(_TIME, now)
    return written


def _maps_change(position: int, timed: Q) -> bool:
    """Whether a lot began or ended, or an event says something that the maps show; payments do not."""
    outbox_events = events_after(position, subjects=("lot", "notice"))
    return Lot.objects.filter(timed).exists() or outbox_events.exclude(kind__in=kinds_of(ReceiptNews)).exists()


def _lots() -> QuerySet[Lot]:
    return Lot.objects.select_related("block", "notice", "highest_bidder__party").order_by("code")


def _touched(position: int) -> set[str]:
    """Codes of the lots that events after a position are about; a payment for a bid says nothing public of its lot."""
    news = events_after(position, subjects=("lot", "lease", "notice"))
    rows = news.exclude(subject_kind="lot", kind__in=kinds_of(ReceiptNews))
    about: dict[str, set[str]] = {"lot": set(), "lease": set(), "notice": set()}
    for kind, subject in rows.values_list("subject_kind", "subject_id").distinct():
        about[kind].add(subject)
    settled = leases(SYSTEM, number__in=about["lease"])
    notices = [int(row) for row in about["notice"] if row.isdigit()]
    of_notices = Lot.objects.filter(notice_id__in=notices).values_list("code", flat=True)
    return about["lot"] | set(settled.values_list("lot_code", flat=True)) | set(of_notices)


def _renew(lot: Lot, at: datetime) -> int:
    path = ocds_path(lot.code)
    return _write(path, release_package(lot, at, published=path.read_bytes() if path.exists() else None))


def _renew_maps(at: datetime) -> int:
    public = data_dir() / "public"
    lots = _geojson(lot_feature(lot, at) for lot in _lots())
    ghats = _geojson(ghat_feature(block) for block in blocks())
    return _write(public / "lots.geojson", lots) + _write(public / "ghats.geojson", ghats)


def _geojson(features: Iterable[Any]) -> bytes:
    return (json.dumps(feature_collection(features), ensure_ascii=False) + "\n").encode()


def _write(path: Path, content: bytes) -> int:
    """Write a file where it says something new: its time of change then means what it says."""
    if path.exists() and path.read_bytes() == content:
        return 0
    write_whole(path, content)
    return 1
