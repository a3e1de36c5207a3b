"""Settlements, their ghats, and what an event says of one."""

from typing import Any

from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible, within_leases
from immis.leases.models import Lease, Takeover
from immis.registry.selectors import in_order


def leases(viewer: Actor, **filters: Any) -> QuerySet[Lease]:
    """Settlements that the viewer may see: a party its own, officers their district's, statewide posts all.

    Notice by notice.
    """
    seen = visible(viewer, "lease.read", party="party_id") & within_leases(viewer, "number")
    return Lease.objects.select_related("block", "party").filter(seen, **filters).order_by(*in_order("number"))


def lease_of(number: str, viewer: Actor) -> Lease:
    """One settlement by its number (MUN-2026-01), typed with slashes or hyphens. Raises NotFound."""
    lease = leases(viewer).filter(number=number.replace("/", "-")).first()
    if lease is None:
        raise NotFound(f"settlement {number}")
    return lease


def lease_on_block(code: str) -> Lease | None:
    """The settlement of a block, for pages that show the public state of a ghat."""
    return Lease.objects.select_related("block", "party").filter(block__code=code).order_by("-id").first()


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
