"""Who may raise, withdraw and move money of a district."""

from immis.core.access.permissions import Actor
from immis.core.grants import require_grant
from immis.registry.selectors import Party


def require_keeper(by: Actor, district: str) -> None:
    """Raises NotPermitted for a post that keeps no accounts, or for another district's money."""
    require_grant(by, "ledger.keep", district=district)


def require_keeper_or_own(by: Actor, party: Party, district: str) -> None:
    """As ``require_keeper``; a party may also ask money of itself (the fees of its own application)."""
    if not (by.is_party and by.party_id == party.pk):
        require_keeper(by, district)
