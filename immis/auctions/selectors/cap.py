"""What counts against the cap of clause 3(ii): blocks that a person leads, has won, or holds, alone or jointly."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Q

from immis.auctions.models import Bidder, Lot, TechnicalBid
from immis.auctions.store import Asker
from immis.leases.models import Lease
from immis.registry.models import Block
from immis.rules.auctions import HeldBlock
from immis.rules.calendar import india_day
from immis.rules.policy import NotInForce, book

#: Asked with every bid, so written out.
_RIVER = "SELECT b.river FROM auctions_lot l JOIN registry_block b ON b.id = l.block_id WHERE l.code = %s"


@dataclass(frozen=True)
class Circle:
    """Who stands behind the bids on one lot: the persons of each party by PAN, and all parties that share one.

    ``jointly`` are the successful joint bids of every lot: (lot, bidder) and the PANs of their members. It does not
    change once bidding is open, so that it may be read before the locks. Empty where the cap does not apply.
    """

    persons: Mapping[int, frozenset[str]] = field(default_factory=dict)
    parties: frozenset[int] = frozenset()
    jointly: Mapping[tuple[int, int], frozenset[str]] = field(default_factory=dict)


def circle_of(code: str, parties: Iterable[int]) -> Circle:
    """The circle of some parties who bid on a lot (E-022): their joint bidders, and who shares a person with them.

    Whether joint bidders count is the setting of AUC-102.
    """
    lot = _capped_lot(code)
    if lot is None:
        return Circle()
    counted = "joint_member" in book().value("AUC-102", lot.opens_at)["cap_counts"]
    joint = TechnicalBid.objects.select_related("bidder__party").filter(state="passed", lot__mock=lot.mock)
    bids = list(joint.exclude(members=[])) if counted else []
    jointly = {(bid.lot_id, bid.bidder_id): frozenset(one["pan"] for one in bid.members) for bid in bids}
    bidders = {one.party_id: one for one in Bidder.objects.select_related("party").filter(party_id__in=list(parties))}
    persons = {
        party_id: frozenset({one.party.pan}) | jointly.get((lot.pk, one.pk), frozenset())
        for party_id, one in bidders.items()
    }
    pans = frozenset().union(*persons.values())
    shared = {bid.bidder.party_id for bid in bids if pans & {bid.bidder.party.pan, *jointly[bid.lot_id, bid.bidder_id]}}
    alone = Bidder.objects.filter(party__pan__in=pans).values_list("party_id", flat=True)
    return Circle(persons, frozenset({*alone, *shared}), jointly)


def _capped_lot(code: str) -> Lot | None:
    """The lot, where its river is one of those of the cap; most have none entered, so that is asked first."""
    with connection.cursor() as cursor:
        cursor.execute(_RIVER, [code])
        (river,) = cursor.fetchone() or ("",)
    lot = Lot.every.select_related("block").filter(code=code).first() if river else None
    try:
        return lot if lot and river in book().value("AUC-06", lot.opens_at)["rivers"] else None
    except NotInForce:
        return None


def held_blocks(asker: Asker, circle: Circle, *, besides: Lot, at: datetime) -> tuple[tuple[HeldBlock, ...], ...]:
    """All blocks but this lot's that each person behind a bid leads in any district, has won, or holds (E-020…E-022).

    The caller holds the locks of all bidders of the circle: only their bids add to it, so it is exact
    without locking the other lots. A settlement that was cancelled or has ended counts no more.
    """
    over = Lease.objects.filter(Q(cancelled_at__isnull=False) | Q(period_to__lt=india_day(at))).values("lot_code")
    return tuple(
        _blocks(_led(pan, circle, besides, over), _settled(pan, circle, over), besides)
        for pan in sorted(circle.persons.get(asker.party_id, ()))
    )


def _led(pan: str, circle: Circle, besides: Lot, over: object) -> list[Lot]:
    with_him = Q(highest_bidder__party__pan=pan)
    for (lot_id, bidder_id), members in circle.jointly.items():
        if pan in members:
            with_him |= Q(pk=lot_id, highest_bidder_id=bidder_id)
    led = Lot.every.select_related("block").filter(with_him, mock=besides.mock, result__in=("open", "sold"))
    return list(led.exclude(code__in=over))


def _settled(pan: str, circle: Circle, over: object) -> list[Lease]:
    with_him = Q(party__pan=pan)
    keys = [key for key, members in circle.jointly.items() if pan in members]
    lots = dict(Lot.objects.filter(pk__in=[lot_id for lot_id, _ in keys]).values_list("pk", "code")) if keys else {}
    for lot_id, bidder_id in keys:
        with_him |= Q(lot_code=lots.get(lot_id, ""), party__bidder=bidder_id)
    return list(Lease.objects.select_related("block").filter(with_him).exclude(lot_code__in=over))


def _blocks(led: Iterable[Lot], settled: Iterable[Lease], besides: Lot) -> tuple[HeldBlock, ...]:
    found: dict[int, Block] = {one.block_id: one.block for one in (*led, *settled)}
    found.pop(besides.block_id, None)
    return tuple(
        HeldBlock(one.code, one.river, one.area_ha) for one in sorted(found.values(), key=lambda one: one.code)
    )
