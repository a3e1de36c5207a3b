"""A party before a reader: seen where it holds a settlement in his reach, by the State's posts, or as his own."""

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import reach_of
from immis.leases.selectors.settlements import leases
from immis.registry.selectors import Party, parties

GRANT = "lease.read"


def party_seen(code: str, viewer: Actor) -> Party:
    """One party. Raises NotFound unless this viewer may see it."""
    row = parties(code__iexact=code.strip()).first()
    if row is None or not _seen(row, viewer):
        raise NotFound(f"party {code}")
    return row


def _seen(party: Party, viewer: Actor) -> bool:
    reach = reach_of(viewer, GRANT)
    if viewer.is_party:
        return reach == "own_party" and viewer.party_id == party.pk
    return reach == "state" or leases(viewer, party=party).exists()
