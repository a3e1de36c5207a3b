"""The nouns of the registry, and what it tells: proofs of PANs, corrected ghats."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.events import Names, Payload, event, shared, step
from immis.core.nouns import Noun, Page, declare_noun, kept_as
from immis.registry.models import Block, Fence, Office, Party, Vehicle
from immis.registry.people import nouns as people_nouns


def _fence(code: str, viewer: Actor) -> Fence:
    from immis.registry.fences import fence_of  # which tells the events of this module

    return fence_of(viewer, code)


declare_noun(
    replace(
        kept_as("office", Office, "code", page=lambda number, facts: Page("office_office", (number,))),
        pages={"office": ("office_office",)},
        address="offices",
    )
)
declare_noun(kept_as("party", Party, "code"))
declare_noun(kept_as("ghat", Block, "code", page=lambda number, facts: Page("ghat", (number,)), is_public=True))
declare_noun(
    kept_as(
        "vehicle",
        Vehicle,
        "registration",
        page=lambda number, facts: Page("monitoring", query=urlencode({"q": number})),
    ),
)
declare_noun(
    Noun(
        "fence",
        find=_fence,
        number=attrgetter("code"),
        pages={"fence": ("fence",), "new": ("fence_new",)},
        address="fences",
        page=lambda number, facts: Page("fence", (number,)),
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
