"""How parties are found by typing: through the settlements that they hold, by who may see those."""

from immis.leases.selectors import districts_of_party
from immis.leases.selectors.parties import GRANT, party_seen
from immis.registry.selectors import Party, parties
from immis.search.declared import Handles, Searched, declare_search


def _handles(party: Party) -> Handles:
    return Handles(
        (party.name_en, party.name_hi),
        (party.code,),
        secrets={"pan": [party.pan], "phone": [party.phone]},
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
        secrets_for="application.read_papers",
        follows={"lease": _party_of},
    )
)
