"""What counts against the cap of clause 3(ii): blocks that a person leads, has won, or holds, alone or jointly."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Q

from immis.auctions.models import Bidder, Lot, TechnicalBid
from immis.auctions.sealing import parties_by_alias
from immis.auctions.store import Asker
from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotFound
from immis.leases.selectors import Lease, ended_by, leases
from immis.registry.selectors import Block
from immis.rules.auctions.lots import HeldBlock
from immis.rules.calendar import india_day
from immis.rules.policy import NotInForce, book

#: Asked with every bid, so written out.
_RIVER = "SELECT b.river, l.seal FROM auctions_lot l JOIN registry_block b ON b.id = l.block_id WHERE l.code = %s"


@dataclass(frozen=True)
class Circle:
    """Who stands behind the bids on one lot: the persons of each party by PAN, and all parties that share one.

    ``owners`` are the parties that bid under a PAN; ``jointly`` the successful joint bids of every lot: (lot, party)
    and the PANs of their members. It does not change once bidding is open, so that it may be read before the locks.
    Empty where the cap does not apply, but for the lot's ``seal``.
    """

    seal: str = ""
    persons: Mapping[int, frozenset[str]] = field(default_factory=dict)
    parties: frozenset[int] = frozenset()
    owners: Mapping[str, frozenset[int]] = field(default_factory=dict)
    jointly: Mapping[tuple[int, int], frozenset[str]] = field(default_factory=dict)


def circle_of(code: str, parties: Iterable[int]) -> Circle:
    """The circle of some parties who bid on a lot (E-022): their joint bidders, and who shares a person with them.

    Whether joint bidders count is the setting of AUC-102. Raises NotFound where there is no such lot.
    """
    seal, lot = _capped_lot(code)
    if lot is None:
        return Circle(seal)
    counted = "joint_member" in book().value("AUC-102", lot.opens_at)["cap_counts"]
    joint = TechnicalBid.objects.select_related("bidder__party").filter(state="passed", lot__mock=lot.mock)
    bids = list(joint.exclude(members=[])) if counted else []
    jointly = {(bid.lot_id, bid.bidder.party_id): frozenset(member["pan"] for member in bid.members) for bid in bids}
    bidders = {row.party_id: row for row in Bidder.objects.select_related("party").filter(party_id__in=list(parties))}
    persons = {
        party_id: frozenset({row.party.pan}) | jointly.get((lot.pk, party_id), frozenset())
        for party_id, row in bidders.items()
    }
    pans = frozenset().union(*persons.values())
    shared = {
        party_id for bid in bids if pans & {bid.bidder.party.pan, *jointly[bid.lot_id, party_id := bid.bidder.party_id]}
    }
    owners: dict[str, set[int]] = {}
    for pan, party_id in Bidder.objects.filter(party__pan__in=pans).values_list("party__pan", "party_id"):
        owners.setdefault(pan, set()).add(party_id)
    everybody = frozenset().union(shared, *owners.values())
    return Circle(seal, persons, everybody, {pan: frozenset(ids) for pan, ids in owners.items()}, jointly)


def _capped_lot(code: str) -> tuple[str, Lot | None]:
    """The lot's seal, and the lot where its river is one of those of the cap; most have none entered."""
    with connection.cursor() as cursor:
        cursor.execute(_RIVER, [code])
        row = cursor.fetchone()
    if row is None:
        raise NotFound(f"lot {code}")
    river, seal = row
    lot = Lot.every.select_related("block").filter(code=code).first() if river else None
    try:
        return seal, lot if lot and river in book().value("AUC-06", lot.opens_at)["rivers"] else None
    except NotInForce:
        return seal, None


def held_blocks(asker: Asker, circle: Circle, *, besides: Lot, at: datetime) -> tuple[tuple[HeldBlock, ...], ...]:
    """All blocks but this lot's that each person behind a bid leads in any district, has won, or holds (E-020…E-022).

    The caller holds the locks of all bidders of the circle: only their bids add to it, so it is exact
    without locking the other lots. A settlement that was cancelled or has ended counts no more.
    """
    persons = sorted(circle.persons.get(asker.party_id, ()))
    if not persons:
        return ()
    over = ended_by(india_day(at)).values("lot_code")
    led = _all_led(circle.parties, over, mock=besides.mock)
    return tuple(_blocks(_led(pan, circle, led), _settled(pan, circle, over), besides) for pan in persons)


def led_by(pans: Collection[str], *, besides: Lot) -> list[tuple[Lot, str]]:
    """All lots but one that who has one of these PANs leads or has won, with the PAN."""
    parties = dict(Bidder.objects.filter(party__pan__in=pans).values_list("party_id", "party__pan"))
    led = _all_led(parties, (), mock=False)
    return [(lot, parties[party]) for lot, party in led if lot.pk != besides.pk]


def _all_led(parties: Collection[int], over: object, *, mock: bool) -> list[tuple[Lot, int]]:
    """Lots that one of some parties leads or has won, with the party: by alias while a lot is not closed."""
    rows = Lot.every.select_related("block").filter(mock=mock).exclude(code__in=over)
    won = rows.select_related("block", "highest_bidder").filter(result="sold", highest_bidder__party__in=parties)
    led = [(lot, lot.highest_bidder.party_id) for lot in won]
    for lot in rows.filter(result="open", block__river__gt="").exclude(highest_alias=""):
        party_id = parties_by_alias(lot.code, lot.seal, parties).get(lot.highest_alias)
        if party_id is not None:
            led.append((lot, party_id))
    return led


def _led(pan: str, circle: Circle, led: Iterable[tuple[Lot, int]]) -> list[Lot]:
    owners = circle.owners.get(pan, frozenset())
    return [lot for lot, party in led if party in owners or pan in circle.jointly.get((lot.pk, party), ())]


def _settled(pan: str, circle: Circle, over: object) -> list[Lease]:
    with_him = Q(party__pan=pan)
    keys = [key for key, members in circle.jointly.items() if pan in members]
    lots = dict(Lot.objects.filter(pk__in=[lot_id for lot_id, _ in keys]).values_list("pk", "code")) if keys else {}
    for lot_id, party_id in keys:
        with_him |= Q(lot_code=lots.get(lot_id, ""), party_id=party_id)
    return list(leases(SYSTEM).filter(with_him).exclude(lot_code__in=over))


def _blocks(led: Iterable[Lot], settled: Iterable[Lease], besides: Lot) -> tuple[HeldBlock, ...]:
    blocks: dict[int, Block] = {item.block_id: item.block for item in (*led, *settled)}
    blocks.pop(besides.block_id, None)
    return tuple(
        HeldBlock(item.code, item.river, item.area_ha) for item in sorted(blocks.values(), key=lambda row: row.code)
    )
