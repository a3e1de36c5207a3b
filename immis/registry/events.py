"""The nouns of the registry, and what it tells: proofs of PANs, corrected ghats."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.events import Names, Payload, event, shared, step
from immis.core.nouns import Noun, Page, declare_noun, kept_as
from immis.registry.bank_accounts import account_of
from immis.registry.models import Block, Fence, Office, Party, Vehicle
from immis.registry.people import nouns as people_nouns
from immis.registry.rivers import river_of
from immis.registry.selectors import place_of
from immis.registry.things import driver_of


def _fence(code: str, viewer: Actor) -> Fence:
    from immis.registry.fences import fence_of  # which tells the events of this module

    return fence_of(viewer, code)


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
declare_noun(kept_as("party", Party, "code"))
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
        find=_fence,
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
step("department.set_up", _("The department was set up"))
__all__ = ["people_nouns"]


@shared
class PanDecided(Payload):
    """The office looked at a PAN card that a party handed in."""

    ABOUT = ("party",)

    state: str
    reason: str
    district: str
    moved: bool
    officer: str
    party_id: int


@event("pan.accepted", _("The PAN is proved"))
class PanAccepted(PanDecided):
    """The PAN is the party's own."""


@event("pan.refused", _("The PAN card was refused"))
class PanRefused(PanDecided):
    """The card does not prove the PAN."""


@event("block.corrected", _("The record of a ghat was corrected"), about="block")
class BlockCorrected(Payload):
    """A new version of a ghat's record."""

    version: int
    changed: list[str]
    reason: str
    reference: str
    district: str


@event("fence.drawn", _("A fence was drawn"), about="fence")
class FenceDrawn(Payload):
    """A fence lies from a day on, for the first time or anew (A-06, A-09); ``place`` is its first corner."""

    fence: str
    kind: str
    name: Names
    district: str
    valid_from: date
    place: Sequence[float]
