"""What the registry tells: proofs of PANs, corrected ghats, drawn fences."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, Payload, event, shared, step

step("department.set_up", _("The department was set up"))


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
