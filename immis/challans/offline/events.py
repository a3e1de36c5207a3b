"""What e-challans of an outage tell: taken into the register, found wanting, the end of a quota."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, Payload, event, step

step("offline.pack_given", _("A gate took the data for an outage"))
step("challan.held_line_taken", _("Held line of a gate taken into the register by the office"))


@event("challan.taken_offline", _("Issued by the ghat in an outage, now in the register"), about="challan")
class TakenOffline(Payload):
    """A pass that a gate issued with its own key stands in the register."""

    IS_FORGETTABLE = True

    challan: str
    lease: str
    district: str
    party_id: int
    quota: str
    counter: int
    made_at: datetime
    codes: list[str]


@event("offline.finding", _("An e-challan of an outage wants a look"), about="entry")
class OfflineFinding(Payload):
    """What was found when a pass of an outage came in; ``kept`` says whether it stands in the register all the same."""

    IS_FORGETTABLE = True

    finding: str
    challan: str
    registration: str
    known: bool
    owner_id: int | None
    lease: str
    district: str
    party_id: int
    party: Names
    codes: list[str]
    kept: bool
    why_en: str
    why_hi: str
    seen_at: datetime
