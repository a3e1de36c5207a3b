"""A check post is established by an order that names a known place and hours, one order a place (MOV-48)."""

from immis.challans.selectors import POSTS, standing_post
from immis.core.errors import Refusal
from immis.registers.hooks import Draft, before
from immis.registry import selectors as registry
from immis.rules.catalogue import find
from immis.rules.movement.bans import PostFacts
from immis.rules.policy import book


@before(POSTS, "establish")
def complete_order(draft: Draft) -> None:
    """The district is that of the place. Raises Refusal (MOV-48)."""
    code = str(draft.values["place"]).strip()
    place, standing = registry.places("checkpost").filter(code=code).first(), standing_post(code)
    facts = PostFacts(
        place=code,
        known=place is not None,
        opens=str(draft.values["opens"]),
        closes=str(draft.values["closes"]),
        standing=standing.number if standing else "",
    )
    if findings := find("checkpost.establish", facts, policy=book(), at=draft.at):
        raise Refusal(findings)
    draft.values["place"] = code
    draft.open_as = f"place:{code}"
    if place is not None and place.district:
        draft.district = place.district
