"""What a person may do: the grants of their post, from ``policy/posts.yaml``.

``may`` asks, ``require_grant`` refuses. With a district both ask whether the grant's reach takes it in as well; what
has no district is the State's.
"""

from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted
from immis.rules.posts import chart


def may(by: Actor, grant: str, *, district: str | None = None) -> bool:
    """Whether the post holds a grant, and reaches ``district`` with it. Raises LookupError for an undeclared grant."""
    reach = reach_of(by, grant)
    return bool(reach) and (district is None or by.reaches(district, reach))


def require_grant(by: Actor, grant: str, *, district: str | None = None) -> None:
    """Raises NotPermitted unless the post holds the grant and reaches the district with it."""
    if not may(by, grant):
        raise NotPermitted(f"{grant} is not for {by.role}; it is for {', '.join(holders(grant)) or 'nobody'}")
    if district is not None and not may(by, grant, district=district):
        raise NotPermitted(f"{grant} in {district or 'the State'} is not for {by.role} of {by.district or '—'}")


def reach_of(by: Actor, grant: str) -> str:
    """How far the post's grant goes, one of ``REACHES``; empty where the post, or this person, does not hold it."""
    name = chart().grant(grant).name
    return "" if by.only is not None and name not in by.only else by.post.grants.get(name, "")


def holders(grant: str) -> tuple[str, ...]:
    """The codes of the posts that hold a grant. Raises LookupError for an undeclared grant."""
    return chart().holders(grant)
