"""A settlement as a noun: its record, its name, and the pages that show it and draw its acts."""

from immis.core.nouns import Noun, register_noun
from immis.core.permissions import Actor
from immis.leases import selectors
from immis.ledger.events import settlement_page


def _number(given: str, by: Actor) -> str:
    return selectors.lease_of(given.strip(), by).number


register_noun(
    "lease",
    Noun(
        find=_number,
        name=selectors.ghat_name_of,
        page=settlement_page,
        record=selectors.lease_of,
        places={"path": ("office_lease",), "life": ("office_lease_life", "settlee_lease_life")},
        address="leases",
    ),
)
register_noun("proposal", Noun(page=settlement_page))
