"""The nouns of the registry: who finds one, where it lies, and the pages that show it and its acts."""

from dataclasses import replace
from operator import attrgetter
from urllib.parse import urlencode

from immis import clock
from immis.core.events import Names
from immis.core.nouns import Noun, Page, declare_noun, kept_as
from immis.registry.bank_accounts import account_of
from immis.registry.fences import fence_of
from immis.registry.models import Block, Fence, Office, Party, Vehicle
from immis.registry.people import nouns as people_nouns
from immis.registry.rivers import river_of
from immis.registry.selectors import place_of
from immis.registry.things import driver_of


def _fence_title(code: str) -> Names:
    row = Fence.objects.filter(code=code).first()
    return {"en": row.name_en, "hi": row.name_hi} if row else {"en": code, "hi": code}


declare_noun(
    replace(
        kept_as("office", Office, "code", page=lambda number, facts: Page("office_office", (number,))),
        pages={"office": ("office_office",)},
        address="offices",
    )
)
declare_noun(kept_as("party", Party, "code", page=lambda number, facts: Page("office_party", (number,))))
declare_noun(
    replace(
        kept_as("ghat", Block, "code", page=lambda number, facts: Page("ghat", (number,)), is_public=True),
        pages={"record": ("office_ghat",)},
        address="ghats",
    )
)
declare_noun(
    Noun(
        "river",
        find=lambda code, viewer: river_of(code, clock.now()),
        number=attrgetter("code"),
        district=lambda river: None,
        pages={"new": ("rivers",), "river": ("river",)},
        address="rivers",
        page=lambda number, facts: Page("river", (number,)),
    )
)
declare_noun(
    replace(
        kept_as(
            "vehicle",
            Vehicle,
            "registration",
            page=lambda number, facts: Page("monitoring", query=urlencode({"q": number})),
        ),
        pages={"new": ("vehicle_new",), "vehicle": ("vehicle",)},
        address="vehicles",
        is_for=lambda by, vehicle: not by.party_id or vehicle.owner_id == by.party_id,
    )
)
declare_noun(
    Noun(
        "driver",
        find=driver_of,
        number=attrgetter("licence_no"),
        pages={"new": ("driver_new",), "driver": ("driver",)},
        address="drivers",
        page=lambda number, facts: Page("driver", (number,)),
    )
)
declare_noun(
    Noun(
        "place",
        find=lambda code, viewer: place_of(code),
        number=attrgetter("code"),
        pages={"new": ("place_new",), "place": ("place",)},
        address="places",
        page=lambda number, facts: Page("place", (number,)),
    )
)
declare_noun(
    Noun(
        "fence",
        find=lambda code, viewer: fence_of(viewer, code),
        number=attrgetter("code"),
        title=_fence_title,
        pages={"fence": ("fence",), "new": ("fence_new",)},
        address="fences",
        page=lambda number, facts: Page("fence", (number,)),
    )
)
declare_noun(
    Noun(
        "account",
        find=account_of,
        number=lambda account: str(account.pk),
        pages={"new": ("bank_accounts",), "office": ("office_account",), "own": ("bank_account",)},
        address="bank-accounts",
        page=lambda number, facts: Page("office_account", (number,)),
    )
)
declare_noun(Noun("block"))

__all__ = ["people_nouns"]
