"""Orders of check posts (MOV-48), their shifts (MOV-76) and outward bans (MOV-77) before they are written."""

from datetime import datetime

from immis.challans.selectors import BANS, POSTS, ROSTER, instant_of, other_shift, post_numbered, standing_post
from immis.core.errors import Refusal
from immis.registers.hooks import Draft, before
from immis.registry import selectors as registry
from immis.rules.catalogue import Finding, find
from immis.rules.movement.bans import BanFacts, PostFacts, ShiftFacts
from immis.rules.policy import book


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise Refusal(findings)


@before(POSTS, "establish")
def complete_order(draft: Draft) -> None:
    """The district is that of the place, which lies in the officer's reach. Raises Refusal (MOV-48)."""
    code = str(draft.values["place"]).strip()
    place, standing = registry.places("checkpost").filter(code=code).first(), standing_post(code)
    district = place.district if place else ""
    facts = PostFacts(
        place=code,
        known=place is not None,
        opens=str(draft.values["opens"]),
        closes=str(draft.values["closes"]),
        standing=standing.number if standing else "",
        elsewhere=district if district and not draft.by.is_system and not draft.by.sees_district(district) else "",
    )
    _refuse(find("checkpost.establish", facts, policy=book(), at=draft.at))
    draft.values["place"] = code
    draft.open_as = f"place:{code}"
    draft.district = district or draft.district


@before(ROSTER, "plan")
def complete_shift(draft: Draft) -> None:
    """The shift lies in the district of its post. Raises Refusal (MOV-76)."""
    order = post_numbered(str(draft.values["post"]))
    begins, ends = _instants(draft, "begins", "ends")
    own = order is not None and (draft.by.is_system or draft.by.sees_district(order.district))
    facts = ShiftFacts(
        begins=begins,
        ends=ends,
        post=order.number if order and own else "",
        elsewhere=other_shift(str(draft.values["person"]), order.number, begins, ends) if order else "",
    )
    _refuse(find("checkpost.plan", facts, policy=book(), at=draft.at))
    draft.district = order.district if order else draft.district


@before(BANS, "notify")
def complete_ban(draft: Draft) -> None:
    """Raises Refusal (MOV-77) for a notification that stops nothing."""
    since, until = draft.values["since"], draft.values.get("until")
    facts = BanFacts(draft.values["notification"], instant_of(since), instant_of(until) if until else None)
    _refuse(find("ban.notify", facts, policy=book(), at=draft.at))


def _instants(draft: Draft, *names: str) -> list[datetime]:
    return [instant_of(draft.values[name]) for name in names]
