"""A settlement as a noun: its record, its name, and the pages that show it and draw its acts."""

from operator import attrgetter

from immis.core.nouns import Noun, declare_noun
from immis.leases import selectors
from immis.leases.models import Lease
from immis.ledger.nouns import settlement_page
from immis.search.declared import Handles, Searched, declare_search

declare_noun(
    Noun(
        name="lease",
        find=selectors.lease_of,
        number=lambda lease: lease.number,
        title=selectors.ghat_name_of,
        pages={
            "path": ("office_lease",),
            "life": ("office_lease_life", "settlee_lease_life"),
            "suspend": ("office_suspend",),
            "clearances": ("lease_clearances",),
            "returns": ("settlee_returns",),
            "register": ("office_register",),
            "challan": ("challan_new",),
            "gate": ("challan_gate",),
        },
        address="leases",
        page=settlement_page,
    )
)
declare_noun(Noun("price", number=attrgetter("number"), pages={"prices": ("office_prices",)}, address="prices"))
declare_noun(Noun("proposal", page=settlement_page))


def _handles(lease: Lease) -> Handles:
    """A settlement is found by its ghat, its settlee, its numbers; by PAN and phone of the settlee."""
    block, party = lease.block, lease.party
    return Handles(
        (block.name_en, block.name_hi, block.block_no, party.name_en, party.name_hi),
        (lease.number, lease.loi_number, lease.registration_number, lease.permission_number),
        secrets={"pan": [party.pan], "phone": [party.phone]},
        districts=[lease.district],
        party_id=lease.party_id,
    )


def _numbers(**filters: str) -> list[str]:
    return list(Lease.objects.filter(**filters).values_list("number", flat=True))


declare_search(
    Searched(
        "lease",
        "le",
        records=lambda: Lease.objects.select_related("block", "party"),
        by="number",
        handles=_handles,
        grant="lease.read",
        secrets_for="application.read_papers",
        follows={
            "block": lambda code: _numbers(block__code=code),
            "ghat": lambda code: _numbers(block__code=code),
            "party": lambda code: _numbers(party__code=code),
            "lot": lambda code: _numbers(lot_code=code),
        },
    )
)
