"""What devices and vehicles tell: the gateway's news as the worker takes it in, and what follows from it at once.

The gateway makes these payloads and knows nothing of this file; ``tests/tracking/test_gateway_news.py`` holds the two
together. Instants inside a payload are the gateway's own text.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.events import Facts, Names, Payload, event, gathers, shared, step
from immis.core.nouns import Noun, declare_noun

step("device.command_ordered", _("A command to the device was ordered"))
step("device.phone_ended", _("The driver's phone stands in no longer"))
step("device.phone_stands_in", _("The driver's phone stands in for the device"))
step("device.test", _("The device was tested"))
step("evidence.made", _("Evidence of a trip was made up"))

declare_noun(Noun("address"))


@event("device.fault_opened", _("A fault of a device was reported"), about="device_fault")
class FaultOpened(Payload):
    """Somebody reported that a device does not work as it must (B-09)."""

    IS_FORGETTABLE = True

    number: str
    imei: str
    registration: str
    kind: Names
    district: str
    owner_id: int | None
    opened_at: datetime
    due_at: datetime


@shared
class GatewayNews(Payload):
    """What every news of the gateway carries: its number, the device, the vehicle by the register, when.

    Gateways and offices are renewed one after the other: what this office does not know yet is kept in ``more``, and
    what an older gateway leaves out is None. Nothing that a device told is lost for that.
    """

    ABOUT = ("vehicle", "device")
    IS_FORGETTABLE = True
    SPREAD = "more"

    more: Mapping[str, Any]

    seq: int
    imei: str
    registration: str
    claimed_registration: str
    seen_at: datetime
    received_at: datetime


@shared
class Signal(GatewayNews):
    """What a device showed, with the frame as it was sent; ``link`` in it is what is known of the connection."""

    late: bool | None = None
    evidence: Mapping[str, Any] | None = None


@shared
class Tampered(Signal):
    """A sign of interference, with the grade of its evidence; ``seen`` are the figures of a look at the stream."""

    signal: str | None = None
    grade: str | None = None
    seen: Any = None


@event("device.tamper", _("Tampering"))
class Tamper(Tampered):
    """The device shows that somebody interferes with it (A-14)."""


@event("device.serviced", _("Announced work"))
class Serviced(Tampered):
    """The same signs during work that was announced."""


@event("device.power_cut", _("Power cut"))
class PowerCut(Signal):
    """The main supply is gone."""


@event("device.power_restored", _("Power back"))
class PowerRestored(Signal):
    """The main supply is there again."""


@event("device.emergency", _("Emergency"))
class Emergency(Signal):
    """The button was pressed."""

    word: str | None = None


@event("device.login", _("Login"))
class Login(GatewayNews):
    """A device logged in; ``registration`` of the frame is kept as the claimed one."""

    firmware: str | None = None
    lat: float | None = None
    lon: float | None = None


@event("device.network", _("Network address"))
class Network(GatewayNews):
    """A device came from another range of addresses than before (DEV-20)."""

    address: str | None = None
    network: str | None = None
    known: bool | None = None


@event("device.unknown", _("Unknown device"))
class Unknown(GatewayNews):
    """A device that nobody fitted."""

    raw: str | None = None


@shared
class CommandNews(GatewayNews):
    """A command to a device."""

    id: str | None = None
    text: str | None = None


@event("device.command_sent", _("Command sent to the device"))
class CommandSent(CommandNews):
    """It went out, so many times by now."""

    tries: int | None = None


@event("device.command_failed", _("Command given up"))
class CommandFailed(CommandNews):
    """The device did not answer in time."""

    tries: int | None = None


@event("device.command_answered", _("The device answered the command"))
class CommandAnswered(CommandNews):
    """The device answered with this frame."""

    raw: str | None = None


@shared
class Crossing(GatewayNews):
    """A vehicle crossed a fence."""

    fence: str
    fence_kind: str | None = None
    fence_name: Any = None
    lat: float | None = None
    lon: float | None = None
    late: bool | None = None


@event("vehicle.entered_fence", _("Came into a fence"))
class EnteredFence(Crossing):
    """It came in."""


@event("vehicle.left_fence", _("Left a fence"))
class LeftFence(Crossing):
    """It went out."""


@shared
class TripNews(GatewayNews):
    """A trip from a source; distance in kilometres, speed in kilometres an hour."""

    started_at: str | None = None
    ended_at: str | None = None
    source: str | None = None
    destination: str | None = None
    distance_km: float | None = None
    max_speed_kmh: float | None = None
    lat: float | None = None
    lon: float | None = None
    late: bool | None = None


@event("trip.started", _("Trip begun"))
class TripStarted(TripNews):
    """The vehicle left a source."""


@event("trip.completed", _("Trip over"))
class TripCompleted(TripNews):
    """The vehicle came to a destination."""


@event("trip.amended", _("Trip corrected by late packets"))
class TripAmended(TripNews):
    """Late packets show another end, way or speed."""


@event("signal.amended", _("Signal corrected by late packets"))
class SignalAmended(Signal):
    """Late packets show that a signal's episode began at another instant than was payload."""

    kind: str | None = None
    told_at: str | None = None
    signal: str | None = None
    grade: str | None = None
    seen: Any = None
    word: str | None = None


@event("event.withdrawn", _("Taken back: late packets show that it was none"))
class Withdrawn(GatewayNews):
    """Late packets show that what was told was none."""

    kind: str | None = None
    fence: str | None = None
    started_at: str | None = None
    source: str | None = None
    signal: str | None = None
    grade: str | None = None
    late: bool | None = None


@shared
class FloodNews(GatewayNews):
    """Too much from one address or one device, folded into one event (MOV-30)."""

    address: str | None = None
    cap: int | None = None
    new_imeis: int | None = None
    alerts: int | None = None
    imeis: list[str] | None = None
    episode: str | None = None
    started_at: str | None = None
    last_at: str | None = None
    folded: int | None = None
    late: bool | None = None


@event("gateway.flood", _("Flood of packets"))
class Flood(FloodNews):
    """It began."""

    IS_FORGETTABLE = False


@event("gateway.flood_ended", _("Flood over"))
class FloodEnded(FloodNews):
    """It has gone quiet, with all that it brought."""

    IS_FORGETTABLE = False


@event("device.unfitted_signal", _("Signals of devices that nobody fitted"), about="address")
class UnfittedSignal(Payload):
    """Signals of devices in no vehicle: one episode a day and address."""

    IS_FORGETTABLE = True

    imei: str
    signal: str
    seen_at: datetime
    address: str


@event("vehicle.in_forbidden_area", _("A vehicle in a forbidden area"), about="vehicle")
class InForbiddenArea(Payload):
    """A vehicle came where none may be (E-151)."""

    IS_FORGETTABLE = True

    registration: str
    fence: str
    fence_kind: str
    place: Names
    district: str
    seen_at: datetime
    lat: float | None
    lon: float | None
    late: bool
    imei: str


@gathers(Flood)
def flood_facts(payload: Flood, row: Any) -> Facts:
    """Where the flood comes from."""
    return {"seen_at": payload.seen_at, "address": payload.address or "", "imei": payload.imei}
