"""Who holds a ghat near a fence: facts that the news of the fence lacks (A-09)."""

from typing import Any

from immis.core.events import gathers
from immis.leases.models import Lease
from immis.leases.selectors.settlements import ghat_name
from immis.registry.events import FenceDrawn
from immis.rules.land.geometry import distance_m


def neighbours(payload: FenceDrawn, row: Any) -> dict[str, Any]:
    """The running settlements of the fence's district, with the distance from the nearest corner of their ghats."""
    running = Lease.objects.select_related("block", "party").filter(district=payload.district, cancelled_at=None)
    lat, lon = payload.place
    near = [
        {
            "party_id": lease.party_id,
            "ghat": ghat_name(lease),
            "distance_km": min(distance_m(lat, lon, *corner) for corner in lease.block.corners) / 1000,
        }
        for lease in running
        if lease.block.corners
    ]
    facts = {name: value for name, value in row.facts.items() if name != "place"}
    return {**facts, "neighbours": near}


gathers(FenceDrawn)(neighbours)
