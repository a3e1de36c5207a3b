"""Triggers of the register of devices and of forbidden areas: what follows from a fault, and from a way not allowed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from immis.rules.calendar import india_day
from immis.rules.catalogue import Consequence, OpenTask, SendMessage, trigger
from immis.rules.movement.triggers import TamperFacts
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class FaultTicket:
    """A fault of a device as it was reported; ``kind`` in both languages."""

    number: str
    registration: str
    imei: str
    kind: Mapping[str, str]
    district: str
    opened_at: datetime
    due_at: datetime
    owner_id: int | None = None


@dataclass(frozen=True)
class ForbiddenFacts:
    """A vehicle came into an area or onto a road where none with sand may be; ``place`` in both languages."""

    registration: str
    fence: str
    fence_kind: str
    place: Mapping[str, str]
    district: str
    seen_at: datetime
    imei: str = ""
    late: bool = False
    lat: float | None = None
    lon: float | None = None


@trigger("TRG-11", on="device.power_cut")
def power_cut_on_trip(facts: TamperFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The main power of a device is cut while its vehicle carries a load: the district looks at it.

    Clause: review of 13.01.2026, point vi (A-14). Our reading: a power cut alone is no proof, so a task and no
    case. The AD (HQ) may settle a doubt.
    """
    if not facts.on_trip:
        return []
    within = timedelta(days=int(policy.value("TRG-11", at)))
    return [OpenTask("district", "vehicle", facts.registration, within, act="inspect", facts=asdict(facts))]


@trigger("TRG-131", on="vehicle.in_forbidden_area")
def in_forbidden_area(facts: ForbiddenFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: tender 42(xxii): no heavy sand vehicles on restricted roads of embankments and canals, or barred bridges.

    Our reading: the GPS track shows it; the district looks into it, by day as by night, live or sent later. Who may
    settle a doubt: Director of Mines.
    """
    within = timedelta(hours=int(policy.value("TRG-131", at)))
    return [OpenTask("district", "vehicle", facts.registration, within, act="inspect", facts=asdict(facts))]


@trigger("TRG-130", on="device.fault_opened")
def fault_reported(facts: FaultTicket, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, point xv: problems of VLT devices are followed until they are mended.

    Our reading: the district's desk gets the fault with its due date, the owner a message. The AD (HQ) may settle it.
    """
    policy.at("TRG-130", at)
    payload = asdict(facts)
    task = OpenTask("district", "device_fault", facts.number, facts.due_at - facts.opened_at, facts=payload)
    if facts.owner_id is None:
        return [task]
    return [task, SendMessage("party", str(facts.owner_id), "MSG-131", facts=payload)]


@dataclass(frozen=True)
class UnfittedFacts:
    """The first signal of a day from an address whose device is in no vehicle; ``address`` empty where unknown."""

    imei: str
    signal: str
    seen_at: datetime
    address: str = ""


@dataclass(frozen=True)
class FloodFacts:
    """One address, or one device, sends the gateway far more than devices do; the other of the two is empty."""

    seen_at: datetime
    address: str = ""
    imei: str = ""


@trigger("TRG-136", on="device.unfitted_signal")
def signal_of_no_vehicle(facts: UnfittedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, point vi (A-14): tampering with the device of a vehicle.

    Our reading: a device that is in no vehicle concerns none; its signals are one task of headquarters a day and
    address. The AD (HQ) may settle it.
    """
    return [_episode("TRG-136", facts.address, asdict(facts), policy=policy, at=at)]


@trigger("TRG-137", on="gateway.flood")
def gateway_flooded(facts: FloodFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, point vi (A-14), from which no case may be made by numbers alone.

    Our reading: a flood is one episode, however many frames it has: one task of headquarters a day and address. The
    AD (HQ) may settle it.
    """
    return [_episode("TRG-137", facts.address or facts.imei, asdict(facts), policy=policy, at=at)]


def _episode(code: str, address: str, told: dict[str, object], *, policy: PolicyBook, at: datetime) -> OpenTask:
    """The one task of a day about what comes from an address."""
    within = timedelta(days=int(policy.value(code, at)))
    subject_id = f"{address[:45] or '?'}@{india_day(at)}"
    return OpenTask("hq", "address", subject_id, within, act="inspect", facts=told, once=True)
