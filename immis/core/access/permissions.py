"""Who acts: a user acts for a post in an office, or for a party. What the post may do is in ``core.grants``."""

from dataclasses import dataclass

from immis.rules import posts
from immis.rules.posts import PARTY, Post, chart


@dataclass(frozen=True)
class Actor:
    """One person in one post, as every service and selector takes them."""

    role: str  # the code of the post
    user_id: int | None = None
    office_id: int | None = None
    office_code: str = ""
    district: str = ""
    districts: frozenset[str] = frozenset()  # below the office, where its post reaches a division
    party_id: int | None = None
    name: str = ""
    name_en: str = ""
    language: str = "hi"
    office_hi: str = ""
    office_en: str = ""
    charges: int = 0  # how many charges the person holds now; he acts in one of them
    only: frozenset[str] | None = None  # the grants of who acts within limits: for a party, or by a key; None: all
    leases: frozenset[str] | None = None  # the settlements that he acts for; None: all of the party
    challans_a_day: int | None = None

    @property
    def post(self) -> Post:
        """The post with its grants."""
        return chart().post(self.role)

    @property
    def is_officer(self) -> bool:
        """Whether the person holds a post in an office."""
        return self.post.is_office

    @property
    def is_party(self) -> bool:
        """Whether the person acts for a bidder or settlee."""
        return self.role == PARTY

    @property
    def is_system(self) -> bool:
        """Whether nobody asked for it: a job, an event, a command of the installation."""
        return self.role == posts.SYSTEM

    @property
    def statewide(self) -> bool:
        """Whether the post sees the whole State rather than one district."""
        return self.post.reach == "state"

    def sees_district(self, district: str) -> bool:
        """Whether records of a district are in this post's jurisdiction; what has no district is the State's."""
        return self.reaches(district, self.post.reach)

    def reaches(self, district: str, reach: str) -> bool:
        """Whether a reach takes in the records of a district; what has no district is the State's alone."""
        if reach == "state":
            return True
        if reach == "division":
            return district in self.districts
        return reach in ("district", "own_office") and bool(district) and self.district == district


SYSTEM = Actor(role=posts.SYSTEM, name="IMMIS")
PUBLIC = Actor(role=posts.PUBLIC)
