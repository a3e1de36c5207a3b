"""Who may do what: one table of posts by noun and act, from which pages and API both take theirs.

Which rows of a noun a post sees is for the selectors, which take the reader; this says who may ask at all.
"""

from immis.core.permissions import DESKS, Role

_OWNERS = frozenset({Role.PARTY})

MAY: dict[str, frozenset[Role]] = {
    "challans.list": DESKS | _OWNERS,
    "challan.read": DESKS | _OWNERS | {Role.CHECKPOST},
    "challan.issue": _OWNERS,
    "leases.list": DESKS | _OWNERS,
    "dues.read": DESKS | _OWNERS,
    "lot.bid": _OWNERS,
}


def at_desks(act: str) -> frozenset[Role]:
    """The posts of an act without the parties, who have pages of their own."""
    return MAY[act] - _OWNERS
