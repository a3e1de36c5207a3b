"""Settlements, their ghats, and what an event says of one."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import reach_of
from immis.core.scope import visible, within_leases
from immis.core.written import question
from immis.leases.models import ClearanceVersion, Lease, Takeover
from immis.registry.selectors import Block, in_order


def leases(viewer: Actor, **filters: Any) -> QuerySet[Lease]:
    """Settlements that the viewer may see: a party its own, officers their district's, statewide posts all.

    Notice by notice.
    """
    seen = visible(viewer, "lease.read", party="party_id") & within_leases(viewer, "number")
    return Lease.objects.select_related("block", "party").filter(seen, **filters).order_by(*in_order("number"))


def lease_of(number: str, viewer: Actor) -> Lease:
    """One settlement by its number (MUN-2026-01), typed with slashes or hyphens. Raises NotFound."""
    known = number.replace("/", "-")
    if viewer.party_id and viewer.leases is None and reach_of(viewer, "lease.read") == "own_party":
        lease = _of_party.first(number=known, party=viewer.party_id)  # a settlee's software asks it with every load
    else:
        lease = leases(viewer).filter(number=known).first()
    if lease is None:
        raise NotFound(f"settlement {number}")
    return lease


@question
def _of_party(number: str, party: int) -> QuerySet[Lease]:
    return Lease.objects.select_related("block", "party").filter(number=number, party_id=party)


def lease_on_block(code: str) -> Lease | None:
    """The settlement of a block, for pages that show the public state of a ghat."""
    return Lease.objects.select_related("block", "party").filter(block__code=code).order_by("-id").first()


def running_on(block: Block, *, on: date) -> Lease | None:
    """The settlement of a block that has not ended and whose period is not over before a day."""
    rows = Lease.objects.filter(block=block, cancelled_at__isnull=True)
    return rows.filter(Q(period_to__isnull=True) | Q(period_to__gte=on)).order_by("-id").first()


def lease_of_lot(code: str) -> Lease | None:
    """The settlement that came of an auction, by the lot's code; None while there is none."""
    return Lease.objects.select_related("block", "party").filter(lot_code=code).first()


def is_settled(code: str) -> bool:
    """Whether an auction led to a settlement, whatever became of it."""
    return Lease.objects.filter(lot_code=code).exists()


def ended_by(on: date) -> QuerySet[Lease]:
    """Settlements that were cancelled, or whose period is over before a day: they count in no cap any more."""
    return Lease.objects.filter(Q(cancelled_at__isnull=False) | Q(period_to__lt=on))


def changed_at(lease: Lease) -> list[datetime]:
    """When orders and papers changed what is public of a settlement."""
    versions = ClearanceVersion.objects.filter(clearance__lease=lease)
    return [*lease.acts.values_list("at", flat=True), *versions.values_list("recorded_at", flat=True)]


def locked_lease(lease: Lease) -> Lease:
    """A settlement as it stands now, with block and party, held until the transaction ends."""
    return _locked.rows(pk=lease.pk)[0]


@question
def _locked(pk: int) -> QuerySet[Lease]:
    return Lease.objects.select_for_update(of=("self",)).select_related("block", "party").filter(pk=pk)


def districts_of_party(party_id: int) -> list[str]:
    """The districts in which a party holds, or held, settlements."""
    return list(
        Lease.objects.filter(party_id=party_id).order_by("district").values_list("district", flat=True).distinct()
    )


def takeovers(viewer: Actor) -> QuerySet[Takeover]:
    """Files of settlements in force that were taken over, newest first, for who may take one over."""
    return Takeover.objects.filter(visible(viewer, "lease.take_over"))


def ghat_name(lease: Lease) -> dict[str, str]:
    return {"en": lease.block.name_en, "hi": lease.block.name_hi}


def ghat_name_of(number: str) -> dict[str, str]:
    """The name of the ghat of a settlement, by the settlement's number; empty where there is none."""
    lease = Lease.objects.select_related("block").filter(number=number).first()
    return ghat_name(lease) if lease else {}


def lease_facts(lease: Lease) -> dict[str, Any]:
    """What every event about a settlement carries."""
    return {
        "lease": lease.number,
        "ghat": ghat_name(lease),
        "district": lease.district,
        "party_id": lease.party_id,
        "party": {"en": lease.party.name_en, "hi": lease.party.name_hi},
    }


def leases_of_numbers(numbers: set[str]) -> dict[str, Lease]:
    """Leases by number, with block and party."""
    return {row.number: row for row in Lease.objects.select_related("block", "party").filter(number__in=numbers)}
