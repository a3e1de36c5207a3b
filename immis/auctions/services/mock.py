"""Mock auctions for the pre-bid training (E-003): copies of a notice's lots in the same engine, never in the ledger.

A copy is a lot marked ``mock``: no list, job, count or paper of real auctions sees it, it is never announced, and
whoever practises passes without papers or money.
"""

from datetime import datetime

from django.db import transaction

from immis.auctions.models import Bidder, Lot, Notice, TechnicalBid
from immis.auctions.selectors.lots import phase_of
from immis.auctions.services.registration import require_party
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.rules.auctions.bidders import MockFacts
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book


@transaction.atomic
def hold_mock_auction(*, notice: Notice, starts_at: datetime, ends_at: datetime, by: Actor, at: datetime) -> list[Lot]:
    """Copy the lots of a notice for a mock auction in a time of its own, before the real one opens.

    Raises Refusal (AUC-95) for another time, NotPermitted for another district.
    """
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    require_grant(by, "mock.hold", district=notice.district)
    lots = list(Lot.objects.select_related("block").filter(notice=notice).order_by("code"))
    if not lots:
        raise NotFound(f"lots of notice {notice.pk}")
    facts = MockFacts(starts_at, ends_at, real_opens_at=min(lot.opens_at for lot in lots))
    if findings := find("auction.mock", facts, policy=book(), at=at):
        raise Refusal(findings)
    copies = [_copy(lot, starts_at, ends_at) for lot in lots]
    body = {"lots": len(copies), "starts_at": starts_at, "ends_at": ends_at}
    log_action("notice.mock_auction", subject=("notice", str(notice.pk)), by=by, at=at, facts=body)
    return copies


def _copy(lot: Lot, starts_at: datetime, ends_at: datetime) -> Lot:
    """The next copy of a lot: ``MOCK-MUN-2026-01``, then ``MOCK2-…``."""
    nth = Lot.every.filter(mock=True, block=lot.block, notice=lot.notice).count() + 1
    return Lot.every.create(
        code=f"MOCK{nth if nth > 1 else ''}-{lot.code}",
        mock=True,
        notice=lot.notice,
        block=lot.block,
        serial=lot.serial,
        reserve_rupees=lot.reserve_rupees,
        emd_rupees=lot.emd_rupees,
        document_fee_rupees=lot.document_fee_rupees,
        opens_at=starts_at,
        closes_at=ends_at,
        ends_at=ends_at,
    )


@transaction.atomic
def join_mock(*, lot: Lot, by: Actor, at: datetime) -> TechnicalBid:
    """Let a registered bidder practise in a mock lot until its end; joining again changes nothing.

    Raises Refusal: AUC-20 for an unregistered party, AUC-02 after the end; NotFound for a real lot.
    """
    if not lot.mock:
        raise NotFound(f"mock lot {lot.code}")
    require_party(by, by.party_id or 0, "mock.join")
    bidder = Bidder.objects.select_for_update().filter(party_id=by.party_id).first()
    if bidder is None:
        raise Refusal(Finding("AUC-20"))
    if phase_of(lot, at) == "closed":
        raise Refusal(Finding("AUC-02", {"at": at, "opens_at": lot.opens_at, "ends_at": lot.ends_at}))
    fields = {"applied_at": at, "bank_account": "", "state": "passed"}
    return TechnicalBid.objects.get_or_create(lot=lot, bidder=bidder, defaults=fields)[0]
