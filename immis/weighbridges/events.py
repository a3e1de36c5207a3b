"""What weighbridges tell: an approval, a weighment that cannot be trusted."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, Payload, event, step

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


@event("weighbridge.reading_refused", _("A weighment cannot be trusted"), about="weighbridge")
class ReadingRefused(Payload):
    """A weighment that the rules refuse: kept with its reason, shown to operator and district (A-08)."""

    bridge: str
    name: Names
    district: str
    counter: int
    code: str
    reason: Names
    plate: str
    weighed_at: datetime
