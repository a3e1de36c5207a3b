"""What the rules of issue know of a load: settlement, vehicle, driver, way, sale, and what stands against them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Stop:
    """A hold that stands: its rule with the clause, what it stops, since when, and the facts that word it."""

    rule_code: str
    subject_kind: str
    subject_id: str
    since: datetime
    cites: str = ""
    lifts_when: Any = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fix:
    """A position of a device: the device's own instant, degrees WGS 84."""

    at: datetime
    lat: float
    lon: float


@dataclass(frozen=True)
class Ban:
    """A notification that stops sand: to other States only or to all destinations, from an instant, until one."""

    number: str
    notification: str
    since: datetime
    until: datetime | None = None
    outside_only: bool = True


@dataclass(frozen=True)
class LastLoad:
    """The load before this one of a vehicle: its e-challan, when that was issued, and how far it went."""

    challan: str
    issued_at: datetime
    distance_km: Decimal


@dataclass(frozen=True)
class DriverFact:
    """A driver as the register has him: classes of his licence, its end for transport vehicles."""

    licence_no: str
    classes: str = ""
    transport_until: date | None = None
    active: bool = True


@dataclass(frozen=True)
class IssueFacts:
    """Everything that is known at the instant when a settlee asks for an e-challan.

    ``corners`` is the ghat's border as (lat, lon); ``permitted_m3`` the least yearly quantity of plan,
    clearance and consents (None: none recorded), ``issued_m3`` what this settlement year's challans carry
    already; ``ec_months`` the months that the environmental clearance itself closes (None: it names none);
    ``trolley`` is the mark of a tractor's trolley; ``place`` names the destination, ``place_kind`` says what it is in
    the register (destination, outside, checkpost …); ``bans`` are the notifications for its district or the State;
    ``papers`` are the ends of the vehicle's papers by their names; ``bears_kg`` empty and gross weight of what bears
    the load (of a tractor: its trolley); ``checked`` that VAHAN or an officer has seen what the register says of the
    vehicle; ``driver`` who drives, where the register knows him; ``month_m3`` and ``day_m3`` what a clearance names
    (None: nothing), beside what is issued of it; ``net_kg`` what was weighed, ``weight_how`` what says so: ``bridge``
    (its software signed both weights), ``hand`` (an order allows it), ``typed`` (nothing but somebody's word) or
    nothing; ``weight_order`` the order by which each load here is weighed, ``weighbridge`` the one of the settlement
    that may weigh; ``held_at`` when an officer held the vehicle at a check and has not let it go since, ``held_post``
    where (both languages); ``daily_entry_on`` the last day of which mining and stock are entered, ``photos_week`` the
    photos of seven days.
    """

    lease: str
    block: str
    district: str
    corners: tuple[tuple[float, float], ...]
    vehicle: str
    holds: tuple[Stop, ...] = ()
    registered: bool = True
    active: bool = True
    commercial: bool = True
    registered_until: date | None = None
    kind: str = "truck"
    trolley: str = ""
    imei: str = ""
    fix: Fix | None = None
    quantity_m3: Decimal = Decimal(0)
    capacity_m3: Decimal = Decimal(0)
    permitted_m3: Decimal | None = None
    issued_m3: Decimal = Decimal(0)
    live_challan: str = ""
    live_until: datetime | None = None
    ec_months: tuple[int, ...] | None = None
    driver_name: str = ""
    distance_km: Decimal = Decimal(0)
    place: str = ""
    place_kind: str = "destination"
    bans: tuple[Ban, ...] = ()
    mineral: str = "sand"
    vehicle_class: str = ""
    trolley_class: str = ""
    body: str = ""
    wheels: int = 10
    axles: int | None = None
    bears_kg: tuple[int | None, int | None] = (None, None)
    papers: Mapping[str, date | None] = field(default_factory=dict)
    checked: bool = True
    driver: DriverFact | None = None
    last_load: LastLoad | None = None
    month_m3: Decimal | None = None
    issued_month_m3: Decimal = Decimal(0)
    day_m3: Decimal | None = None
    issued_day_m3: Decimal = Decimal(0)
    buyer_kind: str = "consumer"
    buyer_name: str = ""
    buyer_licence: str = ""
    net_kg: int | None = None
    weight_how: str = ""
    weight_order: str = ""
    weighbridge: str = ""
    held_at: datetime | None = None
    held_post: Mapping[str, str] = field(default_factory=dict)
    daily_entry_on: date | None = None
    photos_week: int = 0
