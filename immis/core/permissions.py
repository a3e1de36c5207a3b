"""Who acts: a user acts for a post in an office, or for a party."""

from dataclasses import dataclass
from enum import StrEnum

from immis.core.errors import NotPermitted


class Role(StrEnum):
    """The post that a person acts for; ``party`` is a bidder or settlee, ``public`` anybody."""

    PUBLIC = "public"
    PARTY = "party"
    DISTRICT = "district"
    COLLECTOR = "collector"
    HQ = "hq"
    MONITORING = "monitoring"
    CHECKPOST = "checkpost"
    SYSTEM = "system"


#: Posts that see the whole State rather than one district.
STATEWIDE = frozenset({Role.HQ, Role.MONITORING, Role.SYSTEM})
#: Posts of the department and the district administration.
OFFICERS = frozenset({Role.DISTRICT, Role.COLLECTOR, Role.HQ, Role.MONITORING, Role.CHECKPOST})
#: The officers who keep records at a desk; a check post meets vehicles on the road.
DESKS = OFFICERS - {Role.CHECKPOST}


@dataclass(frozen=True)
class Actor:
    """One person in one post, as every service and selector takes them."""

    role: Role
    user_id: int | None = None
    office_id: int | None = None
    office_code: str = ""
    district: str = ""
    districts: frozenset[str] = frozenset()  # below the office, where its post reaches a division
    party_id: int | None = None
    name: str = ""
    language: str = "hi"

    @property
    def statewide(self) -> bool:
        return self.role in STATEWIDE

    def sees_district(self, district: str) -> bool:
        """Whether records of a district are in this post's jurisdiction; what has no district is the State's."""
        return self.statewide or (self.role in OFFICERS and bool(district) and self.district == district)

    def reaches(self, district: str, reach: str) -> bool:
        """Whether a reach takes in the records of a district; what has no district is the State's alone."""
        if reach == "state":
            return True
        if reach == "division":
            return district in self.districts
        return reach in ("district", "own_office") and bool(district) and self.district == district


SYSTEM = Actor(role=Role.SYSTEM, name="IMMIS")
PUBLIC = Actor(role=Role.PUBLIC)


def require(actor: Actor, *roles: Role) -> None:
    """Raises NotPermitted unless the actor holds one of the posts."""
    if actor.role not in roles:
        raise NotPermitted(f"{actor.role} is none of {', '.join(roles)}")


def require_district(actor: Actor, district: str, what: str) -> None:
    """Raises NotPermitted unless ``district`` is in the post's jurisdiction; without one only statewide posts act."""
    if not actor.sees_district(district):
        raise NotPermitted(f"{what} of {district or 'the State'} is not for {actor.role} of {actor.district or '—'}")
