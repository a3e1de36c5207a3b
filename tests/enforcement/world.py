"""A small district: offices, officers, a settlee with a settlement, a truck with its owner."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from immis.core.access.permissions import SYSTEM
from immis.core.models import OutboxEvent
from immis.core.services import emit
from immis.leases.models import Lease
from immis.registry import services as registry
from immis.registry.selectors import actor_of
from tests import kept
from tests.examples import example
from tests.fit import BIG_LORRY

NOON = datetime(2026, 10, 16, 6, 30, tzinfo=UTC)
#: What the gateway says of a link that corroborates what its device tells (DEV-30).
PROVED = {"known_range": True, "token": False, "continuous_frames": True, "continuous_place": True, "fitted": True}
GHAT = {"en": "Kalisthan Fulkiya", "hi": "कालीस्थान फुलकिया"}


@dataclass
class World:
    """What the tests of enforcement act on."""

    offices: dict[str, Any]
    users: dict[str, Any]
    actors: dict[str, Any]
    settlee: Any
    owner: Any
    lease: Any
    vehicle: Any

    def event(
        self, kind: str, /, *, subject: tuple[str, str], key: str | None = None, at: datetime = NOON, **facts: Any
    ) -> None:
        """Tell a declared event; what is not named is an example's."""
        emit(example(kind, **facts), subject=subject, at=at, key=key)

    def broken(self, kind: str, /, *, subject: tuple[str, str], at: datetime = NOON, **facts: Any) -> None:
        """An event whose record is not what its kind declares."""
        OutboxEvent.objects.create(kind=kind, subject_kind=subject[0], subject_id=subject[1], facts=facts, at=at)

    def tamper(self, *, grade: str = "strong", key: str = "gateway:1", at: datetime = NOON, **more: Any) -> None:
        """The event as tracking takes it in from the gateway."""
        facts = {
            "signal": "cover_opened",
            "grade": grade,
            "evidence": {"raw": "$Header,VENDOR,...*6A", "lat": 25.2785, "lon": 86.6115, "link": PROVED},
            "imei": "861234567890123",
            "registration": self.vehicle.registration,
            "seen_at": at,
        }
        self.event("device.tamper", subject=("vehicle", self.vehicle.registration), key=key, at=at, **{**facts, **more})

    def instalment(self, kind: str, *, at: datetime = NOON) -> None:
        """The event as the settlements announce it."""
        facts = {
            "demand": "D-26-000004",
            "kind": "instalment",
            "label": {"en": "Second instalment, year 1", "hi": "प्रथम वर्ष की दूसरी किस्त"},
            "amount_paise": 223_762_500,
            "due_on": date(2026, 10, 15),
            **self.lease_facts(),
        }
        self.event(kind, subject=("lease", self.lease.number), key=f"{kind}:D-26-000004", at=at, **facts)

    def lease_facts(self) -> dict[str, Any]:
        return {
            "lease": self.lease.number,
            "ghat": GHAT,
            "district": "Munger",
            "party_id": self.settlee.pk,
            "party": {"en": self.settlee.name_en, "hi": self.settlee.name_hi},
        }


def _officers() -> tuple[dict[str, Any], dict[str, Any]]:
    offices, users = {}, {}
    for kind, role, district in (
        ("district", "district", "Munger"),
        ("hq", "hq", ""),
        ("monitoring", "monitoring", ""),
        ("checkpost", "checkpost", "Munger"),
    ):
        offices[kind] = registry.open_office(
            code=f"office-{kind}", kind=kind, name_en=f"Office {kind}", name_hi=f"कार्यालय {kind}", district=district
        )
        users[role] = registry.add_user(username=str(role), name_en=f"Officer {role}", name_hi=f"पदाधिकारी {role}")
        registry.appoint(user=users[role], office=offices[kind], role=role)
    users["collector"] = registry.add_user(username="collector", name_en="Collector", name_hi="समाहर्ता")
    registry.appoint(user=users["collector"], office=offices["district"], role="collector")
    far = registry.open_office(code="office-far", kind="district", name_en="Gaya", name_hi="गया", district="Gaya")
    users["far"] = registry.add_user(username="far", name_en="Officer of Gaya", name_hi="गया के पदाधिकारी")
    registry.appoint(user=users["far"], office=far, role="district")
    return offices, users


def _party(code: str, pan: str, user: Any) -> Any:
    return registry.add_party(
        party=registry.NewParty(
            code=code,
            kind="proprietor",
            name_en=f"{code.title()} Traders",
            name_hi=f"{code} ट्रेडर्स",
            pan=pan,
            email=f"{code}@example.org",
            phone="9000000001",
        ),
        users=[user],
    )


@kept.world
def build() -> World:
    offices, users = _officers()
    users["party"] = registry.add_user(username="settlee", name_en="Settlee", name_hi="बंदोबस्तधारी")
    users["owner"] = registry.add_user(username="owner", name_en="Owner", name_hi="वाहन स्वामी")
    settlee = _party("ganga", "ABCPK1234L", users["party"])
    owner = _party("ram", "ABCPR1234M", users["owner"])
    block = registry.save_block(
        block=registry.NewBlock(
            code="MUN-2026-01",
            serial=1,
            block_no="1-A",
            name_en=GHAT["en"],
            name_hi=GHAT["hi"],
            district="Munger",
            area_ha=Decimal("15.3"),
            quantity_m3=91_800,
            corners=[[25.280428, 86.608725], [25.283456, 86.610378], [25.279819, 86.613869], [25.277997, 86.611658]],
        ),
        by=SYSTEM,
        at=NOON,
    )
    lease = Lease.objects.create(
        number="MUN-2026-01",
        lot_code="MUN-2026-01",
        block=block,
        party=settlee,
        district="Munger",
        bid_rupees=8_950_500,
        auction_closed_at=datetime(2026, 6, 5, 7, 30, tzinfo=UTC),
        security_paise=223_762_500,
        loi_on=date(2026, 6, 12),
        deed_on=date(2026, 7, 15),
    )
    vehicle = registry.register_vehicle(
        vehicle=registry.NewVehicle(
            registration="BR08G1234", capacity_m3=Decimal("12"), owner_name="Ram Traders", owner=owner, **BIG_LORRY
        ),
        by=SYSTEM,
        at=NOON,
    )
    registry.fit_device(imei="861234567890123", vehicle=vehicle, by=SYSTEM, at=NOON)
    actors = {name: actor_of(user) for name, user in users.items()}
    return World(offices, users, actors, settlee, owner, lease, vehicle)
