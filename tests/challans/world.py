"""A small district to test challans in: a ghat with a settlement, a lorry with its device, a destination, offices."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from immis.core.access.permissions import Actor
from immis.gateway.state.device import DeviceState
from immis.gateway.state.events import NewEvent
from immis.gateway.state.fleet import Fleet
from immis.gateway.store import parquet
from immis.gateway.store.outbox import Outbox
from immis.leases.models import Clearance, Lease
from immis.registry import services as registry
from immis.registry.models import Block, Device, Office, Party, Place, User, Vehicle
from immis.registry.selectors import actor_of
from immis.rules.posts import chart
from tests import kept
from tests.fit import LORRY

SQUARE = [[25.30, 86.50], [25.30, 86.51], [25.31, 86.51], [25.31, 86.50]]
INSIDE = (25.305, 86.505)
AWAY = (25.40, 86.60)
IMEI = "861234567890123"
PLATE = "BR08G1234"
#: 05.06.2026, 13:00 in India: the tender is in force, the monsoon has not begun.
NOON = datetime(2026, 6, 5, 7, 30, tzinfo=UTC)
BY = Actor(role="system", name="test")


@dataclass
class World:
    """Everything by name, and ways to make devices report."""

    data: Path
    office: Office
    checkpost: Office
    farpost: Office
    settlee: User
    officer: User
    block: Block
    party: Party
    lease: Lease
    vehicle: Vehicle
    device: Device
    place: Place

    @property
    def actor(self) -> Actor:
        return actor_of(self.settlee)

    @property
    def district(self) -> Actor:
        return actor_of(self.officer)

    def report(
        self, at: datetime, where: tuple[float, float] = INSIDE, *, imei: str = IMEI, speed_kmh: float = 0.0,
        fences: list[str] | None = None, events: list[NewEvent] | None = None, trip: dict[str, Any] | None = None,
        stored: bool = True, episodes: dict[str, float] | None = None,
    ) -> None:  # fmt: skip
        """A position of a device as the gateway keeps it, with events that it told."""
        inside = fences if fences is not None else ["ghat:MUN-2026-01"] if where == INSIDE else []
        state = DeviceState(imei=imei, vehicle=PLATE, at_s=at.timestamp(), received_s=at.timestamp(), fix=True,
                            lat=where[0], lon=where[1], speed_kmh=speed_kmh, heading=90.0, ignition=True,
                            main_power=True, inside=inside, trip=trip, episodes=episodes or {})  # fmt: skip
        outbox = Outbox(self.data)
        fleet = outbox.fleet()
        fleet.admit(state)
        outbox.commit(events=events or [], fleet=fleet, rests={}, facts={})
        outbox.close()
        if stored:
            self.store(imei, [(at, *where)])

    def store(self, imei: str, rows: list[tuple[datetime, float, float]]) -> None:
        """Positions straight into the store, as history that came late would get there."""
        existing = [int(p.stem.split("-")[1]) for p in parquet.positions_folder(self.data).glob("*/*.parquet")]
        start = max(existing, default=0)
        body = [_stored(imei, at, lat, lon, start + n) for n, (at, lat, lon) in enumerate(rows)]
        parquet.write_segment(self.data, [parquet.frame_of(body)], start=start, end=start + len(rows))

    def tell(self, *events: NewEvent) -> None:
        """Events of the gateway without a new position."""
        outbox = Outbox(self.data)
        outbox.commit(events=events, fleet=Fleet(), rests={}, facts={})
        outbox.close()

    def fence(self, kind: str, fence: str, at: datetime, *, imei: str = IMEI, fence_kind: str = "source") -> NewEvent:
        payload = {
            "fence": fence,
            "fence_kind": fence_kind,
            "fence_name": fence,
            "lat": 25.3,
            "lon": 86.5,
            "late": False,
        }
        return NewEvent(f"vehicle.{kind}_fence", imei, PLATE, at.timestamp(), at.timestamp(), payload)


def _stored(imei: str, at: datetime, lat: float, lon: float, ref: int) -> tuple[Any, ...]:
    ms = int(at.timestamp() * 1000)
    known = {"imei": imei, "vehicle": PLATE, "at": ms, "device_at": ms, "received_at": ms, "lat": lat, "lon": lon,
             "speed_kmh": 0.0, "heading": 0.0, "fix": True, "kind": "position", "status": "L", "late": False,
             "dialect": "test", "frame_no": ref, "digest": ref, "raw_ref": ref}  # fmt: skip
    return tuple(known.get(name) for name in parquet.COLUMNS)


@kept.world
def build(data: Path) -> World:
    """The district, with a deed of 15.05.2026 and everything permitted."""
    office = registry.open_office(
        code="dmo-munger",
        kind="district",
        name_en="Mining Office, Munger",
        name_hi="खनन कार्यालय, मुंगेर",
        district="Munger",
    )
    near = registry.open_office(
        code="cp-bariyarpur", kind="checkpost", name_en="Bariyarpur", name_hi="बरियारपुर", district="Munger"
    )
    far = registry.open_office(code="cp-far", kind="checkpost", name_en="Far", name_hi="दूर", district="Munger")
    registry.add_place(
        place=registry.NewPlace(
            code=near.code,
            kind="checkpost",
            name_en="Bariyarpur",
            name_hi="बरियारपुर",
            lat=25.30,
            lon=86.50,
            district="Munger",
        )
    )
    registry.add_place(
        place=registry.NewPlace(
            code=far.code, kind="checkpost", name_en="Far", name_hi="दूर", lat=25.90, lon=87.20, district="Munger"
        )
    )
    place = registry.add_place(
        place=registry.NewPlace(
            code="patna", kind="destination", name_en="Patna", name_hi="पटना", lat=25.35, lon=86.60, district="Patna"
        )
    )
    settlee = registry.add_user(username="settlee", name_en="Settlee", name_hi="बंदोबस्तधारी", password="a long password")
    officer = registry.add_user(
        username="mdo", name_en="MDO", name_hi="खनिज विकास पदाधिकारी", password="a long password"
    )
    registry.appoint(user=officer, office=office, role="district")
    party = registry.add_party(
        party=registry.NewParty(
            code="ganga",
            kind="company",
            name_en="Ganga Sand",
            name_hi="गंगा बालू",
            pan="ACUPA7085R",
            email="a@example.org",
        ),
        users=[settlee],
    )
    block = registry.save_block(
        block=registry.NewBlock(
            code="MUN-2026-01",
            serial=1,
            block_no="1",
            name_en="Kalisthan",
            name_hi="कलिस्थान",
            district="Munger",
            area_ha=Decimal("15.3"),
            quantity_m3=91800,
            corners=SQUARE,
        ),
        by=BY,
        at=NOON,
    )
    vehicle = registry.register_vehicle(
        vehicle=registry.NewVehicle(registration=PLATE, capacity_m3=Decimal(10), owner_name="Ram", **LORRY),
        by=BY,
        at=NOON,
    )
    device = registry.fit_device(imei=IMEI, vehicle=vehicle, by=BY, at=NOON)
    return World(data, office, near, far, settlee, officer, block, party, _lease(block, party), vehicle, device, place)


def _lease(block: Block, party: Party) -> Lease:
    day = date(2026, 5, 15)
    lease = Lease.objects.create(
        number="MUN-2026-01", lot_code="MUN-2026-01", block=block, party=party, district="Munger",
        bid_rupees=8950500, auction_closed_at=NOON - timedelta(days=60), security_paise=223762500,
        loi_number="L/1", loi_on=day - timedelta(days=30), deed_on=day, registered_on=day, period_from=day,
        period_to=date(2031, 5, 14), gst_registered_on=day, permission_number="P/1",
        permitted_at=NOON - timedelta(days=20),
    )  # fmt: skip
    for kind in ("plan", "ec", "cte_cto"):
        Clearance.objects.create(
            lease=lease, kind=kind, applied_on=day, granted_on=day, reference="R", quantity_m3=91800
        )
    return lease


def officer_in(office: Office, role: str, username: str) -> User:
    """One more officer."""
    user = registry.add_user(username=username, name_en=username, name_hi=username, password="a long password")
    kinds = chart().post(role).offices
    if office.kind not in kinds:
        office = registry.open_office(code=f"of-{role}", kind=kinds[0], name_en=role, name_hi=role)
    registry.appoint(user=user, office=office, role=role)
    return user
