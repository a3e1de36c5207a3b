"""What the registry tells: proofs of PANs, corrected ghats, drawn fences."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, Payload, event, shared, step

step("department.set_up", _("The department was set up"))
step("account.declared", _("A bank account was declared"))
step("account.accepted", _("The bank account was accepted"))
step("account.refused", _("The bank account was refused"))
step("account.closed", _("The bank account was closed"))
step("api_key.made", _("A key for programs was made"))
step("api_key.ended", _("A key for programs was ended"))
step("block.entered", _("The ghat was entered"))
step("device.fitted", _("The device was fitted into a vehicle"))
step("device.removed", _("The device was taken out of its vehicle"))
step("device.service_announced", _("Work on the device was announced"))
step("device.service_cancelled", _("Announced work on the device was called off"))
step("driver.entered", _("The driver was entered"))
step("driver.changed", _("The record of the driver was changed"))
step("email.proved", _("The e-mail address was proved"))
step("factor.added", _("A second factor was added"))
step("factor.removed", _("A second factor was removed"))
step("factor.renewed", _("The codes for a lost phone were made anew"))
step("factor.failed", _("The code of the second factor was wrong"))
step("factor.dropped", _("The second factors were taken away by order"))
step("fence.saved", _("The fence was saved"))
step("pan.card_sent", _("A PAN card was handed in"))
step("party.account_moved", _("The account went to the owner of the PAN"))
step("party.changed", _("The record of the party was changed"))
step("party.gstin", _("The GSTIN was entered"))
step("phone.proved", _("The telephone number was proved"))
step("place.entered", _("The place was entered"))
step("place.changed", _("The record of the place was changed"))
step("river.entered", _("The river was entered"))
step("river.changed", _("The record of the river was changed"))
step("session.ended", _("A session was ended"))
step("user_id.issued", _("A user ID was given out"))
step("vehicle.registered", _("The vehicle was registered"))
step("vehicle.changed", _("The record of the vehicle was changed"))
step("vehicle.looked_up", _("The record was filled from VAHAN"))
step("vehicle.confirmed", _("The office has seen the papers"))
step("driver.looked_up", _("The licence was filled from SARATHI"))


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
