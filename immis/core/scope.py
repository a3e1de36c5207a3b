"""Which rows a reader may see: the one place where the reach of a grant becomes a filter.

An empty district and a party without a number name nothing: they see nothing, never everything.
"""

from django.db.models import Q

from immis.core.access.permissions import Actor
from immis.core.grants import reach_of

NOTHING = Q(pk__in=[])
#: Never an empty ``Q()``: that one beside ``|`` would leave the other side alone.
EVERYTHING = ~NOTHING


def visible(viewer: Actor, grant: str, *, district: str = "district", party: str = "", office: str = "") -> Q:
    """The rows that a grant reaches: all, those of the districts below, of the own district, office or party; or none.

    ``district``, ``party`` and ``office`` are the fields by which a row is found to lie within a reach; an empty one
    says that rows are not kept by it. Raises LookupError for an undeclared grant.
    """
    return within(viewer, reach_of(viewer, grant), district=district, party=party, office=office)


def within(viewer: Actor, reach: str, *, district: str = "district", party: str = "", office: str = "") -> Q:
    """The rows within a reach round the viewer, where a declaration rather than a grant says how far it goes."""
    if reach == "state":
        return EVERYTHING
    if reach == "division":
        return Q(**{f"{district}__in": sorted(viewer.districts)}) if district and viewer.districts else NOTHING
    field, own = {
        "district": (district, viewer.district),
        "own_office": (office, viewer.office_id),
        "own_party": (party, viewer.party_id),
    }.get(reach, ("", None))
    return Q(**{field: own}) if field and own else NOTHING


def within_leases(viewer: Actor, field: str) -> Q:
    """The rows of the settlements that an operator acts for, by the field of their number; of everybody else all."""
    return EVERYTHING if viewer.leases is None else Q(**{f"{field}__in": sorted(viewer.leases)})


def own(viewer: Actor, field: str) -> Q:
    """The rows that name the viewer's own log-in in a field; of who has none, nothing."""
    return Q(**{field: viewer.user_id}) if viewer.user_id else NOTHING
