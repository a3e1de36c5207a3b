"""What the worker does for auctions: publish what time has decided. A late worker only publishes late."""

import logging
from datetime import datetime

from immis.auctions.models import Lot
from immis.auctions.opendata import publish_changed
from immis.auctions.selectors.results import audit_path
from immis.auctions.services import presence
from immis.auctions.services.after import return_after_abort
from immis.auctions.services.anchors import anchor_chain
from immis.auctions.services.eproc.exports import pull_exports
from immis.auctions.services.results import announce_result, write_audit_document
from immis.core.batches import each
from immis.core.selectors import looked_since, note_look, rows_if_any

_LOOK = "auctions.audit_documents"
log = logging.getLogger(__name__)


def announce_closed_lots(*, at: datetime) -> int:
    """Announce every lot whose time is over and write missing audit documents; answers how many were announced.

    One lot that cannot be announced does not keep the others waiting.
    """
    announced, since = 0, looked_since(_LOOK)
    closed = Lot.objects.filter(result="open", venue="immis", paused_at__isnull=True, ends_at__lte=at)
    for lot in rows_if_any(closed.order_by("ends_at", "code")):
        try:
            announce_result(lot=lot, at=at)
            announced += 1
        except Exception:
            log.exception("the result of lot %s could not be announced", lot.code)
    for lot in Lot.objects.filter(result_announced_at__gte=since):
        if not audit_path(lot.code).exists():
            _write_again(lot)
    note_look(_LOOK, at, since=since)
    return announced


def _write_again(lot: Lot) -> None:
    try:
        write_audit_document(lot=lot)
    except Exception:
        log.exception("the audit document of lot %s could not be written", lot.code)


def publish_open_data(*, at: datetime) -> int:
    """Bring OCDS packages and maps up to date; answers how many files changed."""
    return publish_changed(at=at)


def pull_eproc(*, at: datetime) -> int:
    """Take in what E-Proc offers and was not taken in yet; answers how many exports were new."""
    return pull_exports(at=at)


def return_after_aborts(*, at: datetime) -> int:
    """Order back the earnest money of aborted lots, however long ago; answers how many returns were new.

    Aborts are few, and a lot whose money is on its way is passed over: a job that stood still forgets nobody.
    """
    aborted = Lot.objects.filter(result="aborted", venue="immis", result_announced_at__isnull=False)

    def give_back(lot: Lot) -> int:
        return len(return_after_abort(lot=lot, at=at))

    return each("auctions.aborts", aborted.order_by("id"), give_back, name=lambda lot: lot.code)


def forget_presences(*, at: datetime) -> int:
    """Delete room records whose time is over; answers how many."""
    return presence.forget_presences(at=at)


def anchor_chains(*, at: datetime) -> int:
    """Write an anchor into the chain of every running lot whose turn it is and e-mail its hash to the bidders."""
    due = Lot.objects.filter(
        result="open", venue="immis", paused_at__isnull=True, opens_at__lte=at, ends_at__gt=at
    ).order_by("id")
    return each("auctions.anchors", due, lambda lot: anchor_chain(lot=lot), name=lambda lot: lot.code)
