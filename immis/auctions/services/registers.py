"""Publishing the list of technically successful bidders."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.auctions.events import ListPublished
from immis.auctions.gates import list_of, listed_of
from immis.auctions.models import Notice, ResultList
from immis.auctions.selectors.registers import bids_of, lists_of
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.events import facts_of
from immis.core.grants import require_grant
from immis.core.services import canonical, emit, log_action
from immis.rules.catalogue import find
from immis.rules.policy import book


@transaction.atomic
def publish_result_list(*, notice: Notice, by: Actor, at: datetime) -> ResultList:
    """The Collector publishes the list of technically decided applications of a notice, once (E-006, E-056).

    Applications stand in it by number; whose they are is shown only after the end. Raises Refusal (AUC-89, AUC-164).
    """
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    require_grant(by, "notice.publish_results", district=notice.district)
    known = lists_of(notice).first()
    if known and listed_of(notice, by, at).listed_at:
        return known
    if findings := find("auction.result_list", list_of(notice, by, at), policy=book(), at=at):
        raise Refusal(findings)
    rows = _rows(notice)
    sha256 = hashlib.sha256(canonical({"rows": rows})).hexdigest()
    listed = ResultList.objects.create(
        notice=notice, rows=rows, sha256=sha256, published_at=at, published_by=by.user_id
    )
    payload = ListPublished(rows=len(rows), sha256=sha256, district=notice.district)
    subject = ("notice", str(notice.pk))
    log_action(payload.KIND, subject=subject, by=by, at=at, facts=facts_of(payload))
    emit(payload, subject=subject, at=at)
    return listed


def _rows(notice: Notice) -> list[dict[str, Any]]:
    """The applications of each lot under running numbers that tell nothing: drawn by lot, and by nothing else."""
    rows: list[dict[str, Any]] = []
    drawn = sorted(bids_of(notice), key=lambda bid: (bid.lot.code, secrets.token_bytes(8)))
    for bid in drawn:
        number = 1 + sum(1 for row in rows if row["lot"] == bid.lot.code)
        rows.append(
            {
                "lot": bid.lot.code,
                "ghat": {"hi": bid.lot.block.name_hi, "en": bid.lot.block.name_en},
                "number": f"{bid.lot.code}/{number:02d}",
                "state": bid.state,
                "bid": bid.pk,
            }
        )
    return rows
