"""Directors, members and partners of the bodies that hold settlements: listed after the auction (clause 20 v)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from immis.holds.debarments import debarments_on
from immis.leases.models import Lease
from immis.ledger.entries import pending_cases
from immis.registry.services import checked_pan
from immis.rules.auctions.lots import HeldBlock
from immis.rules.calendar import india_day
from immis.rules.leases.path import RelatedPerson

#: What a statement of assets says, in whole rupees.
ASSETS = ("movable_rupees", "immovable_rupees")


def members_listed(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The persons of a body as they are kept: name, PAN, capacity, assets where stated.

    Raises Refusal (REG-01) for a PAN that is none.
    """
    listed = []
    for row in rows:
        pan = checked_pan(row.get("pan", ""))
        who = {"name": row.get("name", "").strip()[:160], "pan": pan, "capacity": row.get("capacity", "")[:60]}
        listed.append(who | assets_stated(row))
    return listed


def assets_stated(row: Mapping[str, Any]) -> dict[str, int]:
    """Movable and immovable property in rupees; nothing where one of them is not stated."""
    sums = {name: row[name] for name in ASSETS if row.get(name) is not None}
    return sums if len(sums) == len(ASSETS) else {}


def related_persons(lease: Lease, at: datetime) -> tuple[RelatedPerson, ...]:
    """The persons behind a settlement, each with the blocks of other running settlements that he stands behind."""
    if not lease.members:
        return ()
    over = Q(cancelled_at__isnull=False) | Q(period_to__lt=india_day(at))
    others = list(
        Lease.objects.select_related("block", "party").exclude(over).exclude(pk=lease.pk).filter(block__river__gt="")
    )
    return tuple(_person(member, others, at) for member in lease.members)


def _person(member: Mapping[str, Any], others: list[Lease], at: datetime) -> RelatedPerson:
    his = [other for other in others if member["pan"] in _pans(other)]
    held = tuple(HeldBlock(row.block.code, row.block.river, row.block.area_ha) for row in his)
    bars = tuple(bar.order_number for bar in debarments_on([member["pan"]], at=at))
    return RelatedPerson(member["name"], held, pending_cases([member["pan"]]), bars)


def _pans(lease: Lease) -> set[str]:
    return {lease.party.pan, *(member["pan"] for member in lease.members)}
