"""Registers of weighbridges: whose matter an entry is, and what is refused before it is written (WB-21)."""

from immis.core.errors import NotPermitted, Refusal
from immis.registers.hooks import Draft, before
from immis.registers.selectors import open_entry
from immis.registry import selectors as registry
from immis.rules.catalogue import find
from immis.rules.policy import book
from immis.rules.weighbridges.orders import HandOrderFacts
from immis.weighbridges.orders import BY_HAND, NEEDED, day_of
from immis.weighbridges.selectors import Bridge, numbered

FAULTS = "bridge_faults"


def _bridge_of(draft: Draft) -> Bridge:
    """The weighbridge of an entry, which becomes its district's and its owner's matter."""
    bridge = numbered(str(draft.values["bridge"]))
    draft.district, draft.party_id = bridge.district, bridge.party_id
    return bridge


@before(BY_HAND, "order")
def complete_hand_order(draft: Draft) -> None:
    """One order a weighbridge, for some days; another district's is not to be named. Raises Refusal (WB-21)."""
    bridge = _bridge_of(draft)
    draft.open_as = bridge.number
    standing = open_entry(BY_HAND, bridge.number)
    facts = HandOrderFacts(
        bridge=bridge.number, state=bridge.state, since_on=day_of(draft.values["since_on"]),
        until_on=day_of(draft.values["until_on"]), standing=standing.number if standing else "",
    )  # fmt: skip
    if findings := find("weighbridge.hand_order", facts, policy=book(), at=draft.at):
        raise Refusal(findings)


@before(NEEDED, "order", "lift")
def complete_order(draft: Draft) -> None:
    """A district orders for itself alone. Raises NotPermitted for another district or the whole State."""
    if draft.by.is_system or draft.by.statewide:
        return
    ghat, office = draft.values.get("ghat"), draft.values.get("office")
    own = registry.offices(code=office).first() if office else None
    block = registry.blocks(code=ghat).first() if ghat else None
    districts = {row.district for row in (own, block) if row is not None}
    if not districts or not all(draft.by.sees_district(district) for district in districts):
        raise NotPermitted("an order for another district")


@before(FAULTS, "report")
def complete_fault(draft: Draft) -> None:
    """A party reports of its own weighbridge alone. Raises NotPermitted."""
    bridge = _bridge_of(draft)
    if draft.by.is_party and draft.by.party_id != bridge.party_id:
        raise NotPermitted("another one's weighbridge")
