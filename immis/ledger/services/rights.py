"""Who may raise, withdraw and move money of a district."""

from immis.core.permissions import Actor, Role, require, require_district
from immis.registry.models import Party

KEEPERS = (Role.DISTRICT, Role.COLLECTOR, Role.HQ, Role.SYSTEM)


def require_keeper(by: Actor, district: str, what: str) -> None:
    """Raises NotPermitted for a post that keeps no accounts, or for another district's money."""
    require(by, *KEEPERS)
    require_district(by, district, what)


def require_keeper_or_own(by: Actor, party: Party, district: str, what: str) -> None:
    """As ``require_keeper``; a party may also ask money of itself (the fees of its own application)."""
    if not (by.role == Role.PARTY and by.party_id == party.pk):
        require_keeper(by, district, what)
