"""What the gateway remembers of one device between packets."""

import statistics
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from immis.gateway.protocols.packet import Packet
from immis.gateway.tolerances import AHEAD_S, IST_OFFSET_S, TRANSPORT_S, ZONE_SAMPLES, ZONE_SLACK_S


@dataclass(slots=True)
class DeviceState:
    """State of one device; instants are seconds since 1970 UTC, ``at_s`` is the newest fix believed."""

    imei: str
    vehicle: str = ""
    at_s: float | None = None
    heard_s: float | None = None  # newest packet in device time, with a fix or without
    received_s: float | None = None
    lat: float | None = None
    lon: float | None = None
    speed_kmh: float | None = None
    heading: float | None = None
    ignition: bool | None = None
    main_power: bool | None = None
    main_voltage: float | None = None
    cover: str = ""
    fix: bool = False
    moved_s: float | None = None
    odometer_km: float = 0.0
    inside: list[str] = field(default_factory=list)
    pending: dict[str, dict[str, Any]] = field(default_factory=dict)
    trip: dict[str, Any] | None = None
    power_out: bool = False
    emergency: bool = False
    emergency_s: float | None = None
    episodes: dict[str, float] = field(default_factory=dict)
    zone: str = ""
    offsets: list[float] = field(default_factory=list)
    told_unknown: bool = False
    link: int = 0  # connection of the newest packet
    checked_s: float | None = None  # last look for signs of forgery
    low_s: float | None = None  # since when the supply is low
    last_no: int | None = None  # frame number of the newest live packet
    cell: tuple[int, float, float] | None = None  # network cell (its hash), and where it last changed
    logged_in: bool = False
    reach: int = 0  # connection on which it was heard last, whatever it said: where a command reaches it
    network: str = ""  # the range of addresses it reported from last, a dash for none of them
    over_http: bool = False  # its last packet came by a request, and waits for nothing more
    amend_from_s: float | None = None  # oldest fix that came late and is not worked in yet, and its arrival
    amend_last_s: float | None = None
    trust: dict[str, Any] = field(default_factory=dict)  # what else ``trust`` remembers
    looks: Any = None  # the last looks at its stream (``looks.LOOK``), while it is being worked on
    looks_changed: bool = False
    row: int = -1  # of this device in the fleet's columns

    @classmethod
    def from_said(cls, body: dict[str, Any]) -> "DeviceState":
        """The state out of all its fields, as another process said them."""
        return cls(**body | {"cell": tuple(body["cell"]) if body["cell"] else None})

    @classmethod
    def from_kept(cls, body: dict[str, Any]) -> "DeviceState":
        """The state out of what was kept; fields that are gone are left out, new ones have their first value."""
        return cls(**{name: value for name, value in body.items() if name in KEPT})

    @property
    def trouble(self) -> str:
        """The gravest thing that is wrong now, or nothing."""
        if self.emergency:
            return "emergency"
        if any(not cause.startswith("power_cut") for cause in self.episodes):
            return "tamper"
        return "power_cut" if self.power_out else "" if self.fix else "no_fix"


_IN_COLUMNS = {
    "at_s", "heard_s", "received_s", "lat", "lon", "speed_kmh", "heading", "ignition", "main_power", "main_voltage",
    "cover", "fix", "moved_s", "odometer_km", "zone", "link", "checked_s", "last_no", "cell", "logged_in", "looks",
    "amend_from_s", "amend_last_s", "looks_changed", "row",
}  # fmt: skip
KEPT = tuple(name for name in DeviceState.__slots__ if name not in _IN_COLUMNS)  # changes seldom
kept_values = attrgetter(*KEPT)  # of one state, in the order of ``KEPT``


def slack(seconds: float, rate: float) -> float:
    """A tolerance between two clocks; on a shared clock that runs ``rate`` times as fast, transport takes longer."""
    return max(seconds, rate * TRANSPORT_S)


def device_instant(state: DeviceState, packet: Packet, received_s: float, *, rate: float = 1.0) -> tuple[float, bool]:
    """When the device says it was, corrected for a clock that keeps Indian time; whether to believe it.

    A live packet of an unset clock counts as of its arrival.

    The zone is learned from live packets with a fix (section 12): the median of
    ten differences near zero means UTC, near 19,800 s means IST.
    """
    if packet.at is None:
        return received_s, packet.status != "H"
    at_s = packet.at.timestamp()
    if packet.at.utcoffset():
        return at_s, at_s <= received_s + slack(AHEAD_S, rate)
    if packet.fix and packet.status != "H" and not state.zone:
        _learn_zone(state, at_s - received_s, rate)
    if state.zone == "IST":
        at_s -= IST_OFFSET_S
    return at_s, at_s <= received_s + slack(AHEAD_S, rate)


def _learn_zone(state: DeviceState, offset_s: float, rate: float) -> None:
    state.offsets.append(offset_s)
    if len(state.offsets) < ZONE_SAMPLES:
        return
    middle = statistics.median(state.offsets)
    if abs(middle) <= slack(ZONE_SLACK_S, rate):
        state.zone = "UTC"
    elif abs(middle - IST_OFFSET_S) <= slack(ZONE_SLACK_S, rate):
        state.zone = "IST"
    state.offsets = [] if state.zone else state.offsets[1:]


def is_late(at_s: float, received_s: float, *, after_s: float, rate: float = 1.0) -> bool:
    """Whether a packet is history by its delay (MOV-21); marks of devices are not trusted (section 10)."""
    return received_s - at_s > slack(after_s, rate)
