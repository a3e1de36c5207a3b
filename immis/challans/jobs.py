"""What the worker does for challans: starts, arrivals, ends, places of issue, and the published lists."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

from immis import clock
from immis.challans import selectors, services, trips
from immis.challans.models import Challan, CheckPostScan
from immis.challans.signed.keys import load_signer, public_key_list, write_public
from immis.core.batches import Reader, each, take_batch
from immis.core.selectors import known_position
from immis.rules import catalogue
from immis.rules.movement.trips import PlaceFacts
from immis.rules.policy import book
from immis.tracking import selectors as tracking
from immis.tracking.gateway import LastFix

FENCE_CURSOR, WITHDRAWN_CURSOR = "challans.fences", "challans.withdrawals"
BATCH = 500


def follow_trips(*, at: datetime) -> int:
    """Join what the fences saw with challans, and take back what late packets have shown not to be so."""
    total = _follow_all(FENCE_CURSOR, tracking.newest_fence_event_id, _follow_batch, at=at)
    return total + _follow_all(WITHDRAWN_CURSOR, tracking.newest_withdrawal, _take_back_batch, at=at)


def _follow_all(cursor: str, newest: Callable[[], int], batch: Callable[..., int], *, at: datetime) -> int:
    if newest() <= known_position(cursor):
        return 0
    total = 0
    while handled := batch(at=at):
        total += handled
    return total


def _follow_batch(*, at: datetime) -> int:
    reader = Reader(
        FENCE_CURSOR,
        read=lambda pk: list(tracking.fence_events_after(pk, limit=BATCH)),
        position=attrgetter("pk"),
        told=_crossing,
        keep=_one_by_one(trips.follow_crossing),
    )
    return take_batch(reader, at=at)


def _take_back_batch(*, at: datetime) -> int:
    reader = Reader(
        WITHDRAWN_CURSOR,
        read=lambda seq: list(tracking.withdrawals_after(seq, limit=BATCH)),
        position=attrgetter("withdrawn_seq"),
        told=_crossing,
        keep=_one_by_one(trips.take_back_crossing),
    )
    return take_batch(reader, at=at)


def _crossing(event: Any) -> dict[str, Any]:
    named = ("seq", "kind", "imei", "registration", "fence_id", "at", "withdrawn_at")
    return {name: getattr(event, name) for name in named}


def _one_by_one(act: Callable[..., None]) -> Callable[..., None]:
    def keep(events: Iterable[Any], *, at: datetime) -> None:
        for event in events:
            act(event, at=at)

    return keep


def check_starts(*, at: datetime) -> int:
    """Tell of every challan whose trip did not start from the source (MOV-01, A-21); its trigger makes it invalid.

    Only challans whose last instant to start has come are read; one that a position proves to have left is done with.
    """

    def check(challan: Challan) -> bool:
        finding = selectors.not_started(challan, at=at)
        if finding is not None:
            return services.tell_not_started(challan, finding, at=at)
        services.settle_start(challan.pk)
        return False

    return each("challans.starts", selectors.start_due(at=at), check, name=lambda row: row.number)


def check_ends(*, at: datetime) -> int:
    """Write down the end of every challan whose time is over."""
    over = selectors.run_out(at=at)
    return each("challans.ends", over, lambda pk: services.expire_challan(pk, at=at), name=lambda pk: f"challan {pk}")


def watch_trips(*, at: datetime) -> int:
    """Look at the running trips whose turn has come (MOV-47); answers how many left their way or stand long."""
    due = selectors.watch_due(at=at, limit=BATCH)
    if not due:
        return 0
    return services.watch(due, tracking.last_fixes(row.imei for row in due), at=at)


def check_places(*, at: datetime) -> int:
    """Compare claimed place and device position at issue (MOV-02, A-23); answers how many challans were elsewhere.

    A challan waits until its device has reported from after the issue, or until no later fix could prove anything.
    """
    ready = selectors.challans_with(_spoken(selectors.place_unchecked(), at))
    return each("challans.places", ready, lambda challan: _check_place(challan, at=at), name=lambda row: row.number)


def _check_place(challan: Challan, *, at: datetime) -> bool:
    fix = tracking.position_at(challan.imei, challan.issued_at)
    finding = None
    if fix is not None:
        facts = PlaceFacts(
            challan=challan.number,
            vehicle=challan.vehicle.registration,
            block=challan.lease.block.code,
            district=challan.lease.district,
            corners=tuple((lat, lon) for lat, lon in challan.lease.block.corners),
            issued_at=challan.issued_at,
            fix=fix,
        )
        finding = catalogue.apply(catalogue.RULES["MOV-02"], facts, policy=book(), at=at)
    return services.record_place(challan, finding, at=at)


def check_scans(*, at: datetime) -> int:
    """Compare checks on the road with where the vehicle's device was (MOV-60); answers how many were elsewhere.

    A check waits until the device has reported from after it, or until no later fix could prove anything.
    """
    ready = selectors.scans_with(_spoken(selectors.device_unchecked(), at))
    return each("challans.scans", ready, lambda scan: services.compare_with_device(scan, at=at), name=_scan_name)


def _scan_name(scan: CheckPostScan) -> str:
    return f"check {scan.pk}"


def _spoken(waiting: Sequence[tuple[int, str, datetime]], at: datetime) -> list[int]:
    """The keys of what can be looked at now, oldest first; however many devices are silent, they keep back no other."""
    last = tracking.last_fixes(imei for _key, imei, _since in waiting)
    return [key for key, imei, since in waiting if _spoke_since(since, last.get(imei), at)][:BATCH]


def _spoke_since(instant: datetime, last: LastFix | None, at: datetime) -> bool:
    if last is not None and last.at >= instant:
        return True
    return at > instant + timedelta(minutes=int(book().value("MOV-03", instant)))


def publish_cancelled(*, at: datetime) -> int:
    """Write the signed lists of keys and cancelled passes when they changed or grew old (CH-13); 1 when written."""
    wanted = selectors.cancelled_pass_ids(at=at)
    path = clock.data_dir() / "public" / "cancelled.json"
    if path.exists() and (path.parent / "keys.json").exists():
        before = json.loads(path.read_text(encoding="utf8"))
        age = at - datetime.fromisoformat(before["issued_at"].replace("Z", "+00:00"))
        fresh = timedelta(0) <= age < timedelta(minutes=int(book().value("CH-13", at)))
        if fresh and before["pass_ids"] == [row.hex() for row in wanted] and _keys_are_published(path.parent, at):
            return 0
    write_public(clock.data_dir(), pass_ids=wanted, at=at)
    return 1


def _keys_are_published(folder: Path, at: datetime) -> bool:
    """Whether the published list has the key that signs passes now (one is made at its first pass) and all of gates."""
    published = {row["kid"]: row for row in json.loads((folder / "keys.json").read_text(encoding="utf8"))["keys"]}
    known = {row["kid"]: row for row in public_key_list(clock.data_dir(), at=at)["keys"]}
    signer = load_signer(clock.data_dir(), at=at).kid.hex()
    return signer in published and all(published.get(kid) == row for kid, row in known.items())
