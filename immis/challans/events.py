"""What e-challans tell: issue, refusal, start, arrival, end, and where they were seen."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.challans import nouns as nouns
from immis.core.events import Names, Payload, event, shared, step

step("challan.invalid", _("Made invalid"))
step("challan.expired", _("Validity ended"))
step("challan.start_withdrawn", _("Departure taken back: late packets show that it was none"))
step("challan.scanned", _("Checked on the road"))
step("scan.held", _("Held at the check post"))
step("scan.let_go", _("Let go at the check post"))


@shared
class ChallanNews(Payload):
    """An e-challan: settlement, party, claimed place, vehicle, times (A-24)."""

    ABOUT = ("challan",)
    IS_FORGETTABLE = True

    challan: str
    lease: str
    district: str
    party_id: int
    party: Names
    registration: str
    imei: str
    block: str
    ghat: Names
    place: Names
    destination: Names
    quantity_m3: Decimal
    issued_at: datetime
    valid_until: datetime
    issue_lat: float
    issue_lon: float


@event("challan.issued", _("Issued"))
class ChallanIssued(ChallanNews):
    """The vehicle may load and leave."""


@event("challan.cancelled", _("Cancelled"))
class ChallanCancelled(ChallanNews):
    """Cancelled before the vehicle left the ghat (CH-14)."""


@event("challan.amended", _("Amended: the load was found heavier"))
class ChallanAmended(ChallanNews):
    """The scale at the exit found more; the number stays, the pass is a new one (CH-42)."""

    before_m3: Decimal
    after_m3: Decimal
    royalty_paise: int
    rate_paise: int
    reason: str


@event("challan.extended", _("Given more time"))
class ChallanExtended(ChallanNews):
    """More time by a rule: a breakdown, or an outage that was recorded (CH-44, CH-45)."""

    before_until: datetime
    after_until: datetime
    minutes: int
    rule: str


@event("challan.started", _("Left the ghat"))
class ChallanStarted(ChallanNews):
    """The vehicle left the ghat in time (A-21)."""

    started_at: datetime


@event("challan.completed", _("Arrived at the destination"))
class ChallanCompleted(ChallanNews):
    """The e-challan is used up, in time or late."""

    arrived_at: datetime
    late: bool


@event("challan.not_started", _("The trip did not start from the ghat"))
class NotStarted(ChallanNews):
    """The vehicle did not leave the ghat in time (MOV-01); its last fix where one is known."""

    vehicle: str
    deadline_at: datetime
    limit_minutes: int
    waited_min: int
    rule: str
    started_at: datetime | None
    lat: float | None = None
    lon: float | None = None
    fix_at: datetime | None = None


@event("challan.issued_away", _("Issued away from the vehicle"))
class IssuedAway(ChallanNews):
    """The vehicle was not where the e-challan was issued (MOV-02)."""

    vehicle: str
    distance_m: int
    limit_m: int
    rule: str
    lat: float
    lon: float
    fix_at: datetime


@shared
class ShownNews(ChallanNews):
    """An e-challan that a check on the road found where or when its vehicle cannot have been."""

    scan: int
    post: Names | None = None
    seen_at: datetime | None = None


@event("challan.seen_twice", _("Seen in two places at once"))
class SeenTwice(ShownNews):
    """Two checks lie further apart than a lorry drives (MOV-04)."""

    before: Names
    before_at: datetime
    distance_km: float
    minutes: int


@event("challan.shown_far", _("Shown far from its vehicle's device"))
class ShownFar(ShownNews):
    """The vehicle's device was elsewhere (MOV-60)."""

    distance_m: int
    fix_at: datetime
    lat: float
    lon: float


@event("challan.shown_after_delivery", _("Shown after its load was delivered"))
class ShownAfterDelivery(ShownNews):
    """The load had reached its destination (MOV-61)."""

    minutes: int
    since_at: datetime


@event("challan.shown_again_at_post", _("Shown at a check post that its vehicle had passed"))
class ShownAgainAtPost(ShownNews):
    """The vehicle had gone on long before (MOV-62)."""

    minutes: int
    since_at: datetime


@shared
class SeenOnTheRoad(ChallanNews):
    """What a running trip showed: where, when, by which rule."""

    vehicle: str
    rule: str
    lat: float | None = None
    lon: float | None = None
    fix_at: datetime | None = None


@event("challan.left_way", _("Left the expected way"))
class LeftWay(SeenOnTheRoad):
    """The vehicle was far from the way by road that is expected (MOV-42)."""

    distance_m: int
    limit_km: int


@event("challan.stands", _("Stands long on its way"))
class Stands(SeenOnTheRoad):
    """The loaded vehicle stands on its way (MOV-43)."""

    since: datetime
    minutes: int
    limit_minutes: int


@event("challan.unloaded_elsewhere", _("Came back undelivered"))
class UnloadedElsewhere(SeenOnTheRoad):
    """Back at a source undelivered, after a stop outside the destination (MOV-44)."""

    minutes: int
    distance_m: int
    returned_at: datetime


@event("challan.second_delivery", _("Second delivery on one e-challan"))
class SecondDelivery(SeenOnTheRoad):
    """At the destination of a used e-challan again, from a source (MOV-45)."""

    delivered_at: datetime
    arrived_at: datetime


@event("challan.second_delivery_withdrawn", _("Second delivery taken back: late packets show that it was none"))
class SecondDeliveryWithdrawn(ChallanNews):
    """What the second delivery rested on was no crossing (MOV-45)."""

    was_arrived_at: datetime


@event("challan.repeated", _("Trips fail to start again and again"))
class Repeated(ChallanNews):
    """How many trips of the vehicle and of the settlement did not start within so many days (MOV-46)."""

    vehicle: str
    of_vehicle: int
    of_lease: int
    days: int


@event("challan.start_proved", _("Late packets prove that it left in time"))
class StartProved(ChallanNews):
    """The e-challan is no longer invalid (MOV-01)."""

    started_at: datetime


@event("scan.uncovered", _("Checked loaded without tarpaulin or signboard"), about="vehicle")
class Uncovered(Payload):
    """What a loaded vehicle lacked at a check (TRG-216)."""

    IS_FORGETTABLE = True

    registration: str
    known: bool
    vehicle: str
    owner_id: int | None
    challan: str
    lease: str
    district: str
    office: Names
    missing: list[str]
    seen_at: datetime
    lat: float | None = None
    lon: float | None = None


@event("challan.arrival_withdrawn", _("Arrival taken back: late packets show that it was none"), about="challan")
class ArrivalWithdrawn(Payload):
    """The arrival was none; the e-challan is in the state of its time."""

    IS_FORGETTABLE = True

    challan: str
    was_arrived_at: datetime
    state: str


@event("challan.refused", _("An e-challan was refused"), about="lease")
class ChallanRefused(Payload):
    """Every rule that refused it, with its facts."""

    IS_FORGETTABLE = True

    lease: str
    district: str
    party_id: int
    findings: list[Mapping[str, Any]]
    vehicle: str
