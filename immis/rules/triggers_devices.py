"""Triggers of the register of devices and of forbidden areas: what follows from a fault, and from a way not allowed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from immis.rules.catalogue import Consequence, OpenTask, SendMessage, trigger
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
    told = asdict(facts)
    task = OpenTask("district", "device_fault", facts.number, facts.due_at - facts.opened_at, facts=told)
    if facts.owner_id is None:
        return [task]
    return [task, SendMessage("party", str(facts.owner_id), "MSG-131", facts=told)]
