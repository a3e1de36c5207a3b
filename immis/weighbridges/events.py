"""What weighbridges tell: an approval, a weighment that cannot be trusted."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, Payload, event, shared, step

step("weighbridge.applied", _("A weighbridge was applied for"))
step("weighbridge.visited", _("The weighbridge was visited"))
step("weighbridge.fenced", _("The weighbridge was fenced"))
step("weighbridge.refused", _("The weighbridge was refused"))
step("weighbridge.stamped", _("A certificate of stamping was handed in"))
step("weighbridge.moved", _("The weighbridge was moved"))
step("weighbridge.ended", _("The weighbridge was taken away"))
step("weighbridge.code_made", _("A code for pairing was made"))
step("weighbridge.paired", _("Software was paired with the weighbridge"))
step("weighbridge.device_revoked", _("Software of the weighbridge was cut off"))
step("weighbridge.first_reading", _("The first weighment came in"))
step("weighbridge.reading_twice", _("A weighment was sent again with another content"))


@event("weighbridge.approved", _("The weighbridge was approved"), about="weighbridge")
class BridgeApproved(Payload):
    """The district approved a weighbridge: it may weigh once software is paired with it (A-06, A-10)."""

    bridge: str
    name: Names
    district: str
    party_id: int | None = None


@shared
class ReadingNews(Payload):
    """A weighment with what the rules say of it, in both languages."""

    ABOUT = ("weighbridge",)

    bridge: str
    name: Names
    district: str
    counter: int
    code: str
    reason: Names
    plate: str
    weighed_at: datetime


@event("weighbridge.reading_refused", _("A weighment cannot be trusted"))
class ReadingRefused(ReadingNews):
    """A weighment that the rules refuse: kept with its reason, shown to operator and district (A-08)."""


@event("weighbridge.reading_flagged", _("A weighment is flagged"))
class ReadingFlagged(ReadingNews):
    """A weighment that counts, with something that speaks against it; operator and district are told (E-158)."""


@shared
class AlarmNews(Payload):
    """A weighbridge that gives cause to look at it, or does so no more."""

    ABOUT = ("weighbridge",)

    bridge: str
    name: Names
    district: str
    reason: Names
    since: datetime
    party_id: int | None = None


@event("weighbridge.silent", _("The weighbridge is silent"))
class BridgeSilent(AlarmNews):
    """By day nothing was heard of its software or indicator for too long (WB-24)."""


@event("weighbridge.heard", _("The weighbridge is heard again"))
class BridgeHeard(AlarmNews):
    """It was silent and is heard again."""


@event("weighbridge.stuck", _("The weighbridge stays at zero"))
class BridgeStuck(AlarmNews):
    """It shows nought while e-challans are issued at its ghat (WB-25)."""


@event("weighbridge.weighs_again", _("The weighbridge weighs again"))
class BridgeWeighsAgain(AlarmNews):
    """It stayed at zero and weighs again."""


@shared
class BalanceNews(Payload):
    """A day of a ghat with a weighbridge, in tonnes: what it weighed, what e-challans say, which of these set out."""

    ABOUT = ("lease",)

    lease: str
    district: str
    ghat: Names
    day: date
    bridge_t: float
    challan_t: float
    trip_t: float
    percent: int


@event("weighbridge.balance_parted", _("Weighbridge, e-challans and trips of a day part"))
class BalanceParted(BalanceNews):
    """They lie farther apart than WB-27 allows."""


@event("weighbridge.balance_agreed", _("Weighbridge, e-challans and trips of a day agree"))
class BalanceAgreed(BalanceNews):
    """They agree within what WB-27 allows."""
