"""Entering debarments, and publishing the list of technically successful bidders."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.auctions.events import ListPublished, PartyDebarred
from immis.auctions.gates import list_of, listed_of
from immis.auctions.models import Debarment, Notice, ResultList
from immis.auctions.selectors.registers import bids_of, lists_of
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.events import facts_of
from immis.core.grants import require_grant
from immis.core.services import canonical, emit, log_action
from immis.registry.models import Party
from immis.registry.pans import claimants
from immis.registry.services import checked_pan
from immis.rules.auctions.bidders import debarred_until
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.ledger.deposits import CAUSES
from immis.rules.policy import book


def _need(*texts: str, on: date, at: datetime) -> None:
    if not all(text.strip() for text in texts) or on > india_day(at):
        raise Refusal(
            Finding(
                "AUC-19",
                {"what": book().words("AUC-19", "order_record"), "expected": "1–160", "found": " / ".join(texts)[:80]},
            )
        )


@dataclass(frozen=True, kw_only=True)
class NewDebarment:
    """An order that bars a PAN from tenders, two years from its day unless it says otherwise (E-031, E-070)."""

    pan: str
    name: str
    cause: str
    order_number: str
    source: str
    from_on: date
    party: Party | None = None
    district: str = ""
    until_on: date | None = None


@transaction.atomic
def enter_debarment(*, debarment: NewDebarment, by: Actor, at: datetime) -> Debarment:
    """Enter a debarment against a PAN.

    The same order a second time answers the first entry. Raises Refusal (REG-01, AUC-19).
    """
    require_grant(by, "debarment.order")
    pan, number, source = checked_pan(debarment.pan), debarment.order_number, debarment.source
    _need(number, source, on=debarment.from_on, at=at)
    if known := Debarment.objects.filter(pan=pan, order_number=number).first():
        return known
    party = debarment.party or next(iter(claimants(pan)), None)
    cause = debarment.cause if debarment.cause in CAUSES else "other"
    row = Debarment.objects.create(
        pan=pan,
        name=debarment.name[:160],
        party=party,
        cause=cause,
        order_number=number,
        source=source,
        district=debarment.district or by.district,
        from_on=debarment.from_on,
        until_on=debarment.until_on or debarred_until(debarment.from_on, policy=book(), at=at),
        ordered_by=by.user_id,
        entered_at=at,
    )
    body = {"order": number, "pan": pan, "source": source, "until_on": row.until_on, "district": row.district}
    log_action(PartyDebarred.KIND, subject=("debarment", str(row.pk)), by=by, at=at, facts=body)
    payload = PartyDebarred(**body, party_id=party.pk if party else None, cause=dict(CAUSES[cause]))
    emit(payload, subject=("debarment", str(row.pk)), at=at)
    return row


@transaction.atomic
def lift_debarment(*, debarment: Debarment, order: str, by: Actor, at: datetime) -> Debarment:
    """Lift a debarment by a named order, from that day on; only the district that entered it, or headquarters."""
    row = Debarment.objects.select_for_update(of=("self",)).get(pk=debarment.pk)
    require_grant(by, "debarment.order", district=row.district)
    _need(order, on=india_day(at), at=at)
    if row.lifted_on is None:
        row.lifted_on, row.lift_order = india_day(at), order[:80]
        row.save(update_fields=["lifted_on", "lift_order"])
        body = {"order": row.order_number, "lifted_by": order}
        log_action("debarment.lifted", subject=("debarment", str(row.pk)), by=by, at=at, facts=body)
    return row


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
