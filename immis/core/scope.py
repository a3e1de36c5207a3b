"""Which rows a reader may see: one place where a post's district, or a party's number, becomes a filter.

An empty district and a party without a number name nothing: they see nothing, never everything.
"""

from collections.abc import Collection

from django.db.models import Q

from immis.core.permissions import DESKS, Actor, Role

NOTHING = Q(pk__in=[])


def in_district(viewer: Actor, field: str = "district", *, posts: Collection[Role] = DESKS) -> Q:
    """Rows of a post's jurisdiction: all for statewide posts, of ``posts`` the own district's, for others none."""
    if viewer.statewide:
        return Q()
    own = viewer.role in posts and viewer.district
    return Q(**{field: viewer.district}) if own else NOTHING


def of_party(viewer: Actor, field: str = "party_id") -> Q:
    """Rows of the viewer's own party; none for who acts for no party."""
    own = viewer.role == Role.PARTY and viewer.party_id
    return Q(**{field: viewer.party_id}) if own else NOTHING


def visible(viewer: Actor, *, district: str = "district", party: str = "party_id") -> Q:
    """A party's own rows, a desk's district's, all for statewide posts."""
    return of_party(viewer, party) if viewer.role == Role.PARTY else in_district(viewer, district)
