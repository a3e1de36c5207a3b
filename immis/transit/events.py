"""What transit passes tell: the switch, parties of other States, passes from application to entry or withdrawal."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, Payload, event, shared, step
from immis.transit import nouns as nouns

step("istp_party.stopped", _("Registration for transit passes stopped"))
step("istp_party.opened", _("Registration for transit passes opened again"))


@shared
class SwitchNews(Payload):
    """An order that switches transit passes, from a day on."""

    ABOUT = ("istp_order",)

    order: str
    order_no: str
    starts_on: date
    officer: str


@event("istp_order.switched_on", _("Transit passes of other States put in force"))
class SwitchedOn(SwitchNews):
    """From the first minute of the day all doors are open."""


@event("istp_order.switched_off", _("Transit passes of other States ended"))
class SwitchedOff(SwitchNews):
    """From the first minute of the day all doors are shut."""


@event("istp_party.registered", _("Party of another State registered"), about="istp_party")
class PartyRegistered(Payload):
    """A party registered itself with proof; nobody is asked first."""

    number: str
    party_id: int
    party: Names
    origin_state: str
    licence_no: str
    district: str


@shared
class PassNews(Payload):
    """A transit pass: whose, of which challan of the origin, for which load and until when."""

    ABOUT = ("istp",)

    istp: str
    party_id: int
    party: Names
    vehicle: str
    district: str
    origin_state: str
    origin_number: str
    quantity: Decimal
    unit: str
    fee_paise: int
    valid_until: datetime


@event("istp.applied", _("Transit pass asked for"))
class PassApplied(PassNews):
    """Its fee is to be paid until ``due_at``."""

    due_at: datetime
    checked_how: str


@event("istp.issued", _("Transit pass issued"))
class PassIssued(PassNews):
    """The treasury has the fee, and the pass is signed."""

    paid_at: datetime


@event("istp.late", _("Fee of a transit pass paid too late"))
class PassLate(PassNews):
    """The money came after the last instant: no pass; an officer may order it back."""

    paid_at: datetime


@event("istp.lapsed", _("Transit pass lapsed unpaid"))
class PassLapsed(PassNews):
    """Nothing was paid in time; the demand is withdrawn."""


@event("istp.entered", _("Load entered the State"))
class PassEntered(PassNews):
    """A check post recorded the entry; ``late`` says that it came after the usual hours."""

    office: Names
    entered_at: datetime
    late: bool


@event("istp.withdrawn", _("Transit pass withdrawn by an order"))
class PassWithdrawn(PassNews):
    """The pass is none any more; what was paid is credit on account."""

    order_no: str
    reason: str
    released_paise: int
