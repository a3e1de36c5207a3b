"""How parties are found by typing: by name and code, by who may see the settlements that they hold.

By phone and PAN the settlements are found, and lead to their party: one look-up is one line of the log.
"""

from immis.leases.selectors import districts_of_party
from immis.leases.selectors.parties import GRANT, party_seen
from immis.registry.selectors import Party, parties
from immis.search.declared import Handles, Searched, declare_search


def _handles(party: Party) -> Handles:
    return Handles(
        (party.name_en, party.name_hi),
        (party.code,),
        districts=districts_of_party(party.pk),
        party_id=party.pk,
    )


def _party_of(number: str) -> list[str]:
    return list(parties(leases__number=number).values_list("code", flat=True))


declare_search(
    Searched(
        "party",
        "pa",
        records=parties,
        by="code",
        handles=_handles,
        grant=GRANT,
        find=party_seen,
        follows={"lease": _party_of},
    )
)
