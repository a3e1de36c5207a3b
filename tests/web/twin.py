"""Two districts that are twins: the same kinds of records in each, every private word of them marked with its owner."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from immis.auctions.models import Bidder, Lot, Notice, TechnicalBid
from immis.challans.models import Challan, CheckPostScan
from immis.core.access.permissions import SYSTEM
from immis.core.papers.files import keep_file
from immis.enforcement.models import Case, Task
from immis.leases.models import Clearance, ClearanceVersion, Lease
from immis.ledger.models import Demand, Receipt
from immis.messaging.models import Message
from immis.registers.loader import current
from immis.registers.services import Given, do_act
from immis.registry import services as registry
from immis.registry.selectors import actor_of
from tests import kept
from tests.fit import LORRY

NOW = datetime(2026, 10, 16, 6, 30, tzinfo=UTC)
CITES = [{"code": "INS-01", "from_on": "2026-05-01", "cites": "clause 26"}]


@dataclass
class Twin:
    """One district's records. ``mark`` stands in every word that only its own office or party may read."""

    district: str
    prefix: str
    mark: str
    users: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Everything that can name one of these records in an address."""
        rows = self.rows
        keys = [str(row.pk) for row in rows.values() if not isinstance(row, str) and row.pk >= 1000]
        codes = [
            rows["lot"].code, rows["demand"].number, rows["receipt"].number, rows["case"].number,
            rows["challan"].number, rows["vehicle"].registration, rows["paper"], rows["order"],
        ]  # fmt: skip
        return sorted({*keys, *codes})


@kept.world
def twins() -> tuple[Twin, Twin]:
    """Munger and Patna. Patna's rows have other keys, so that a key of one is never by chance a key of the other."""
    pair = Twin("Munger", "MUN", "SECRETMUN"), Twin("Patna", "PAT", "SECRETPAT")
    for number, twin in enumerate(pair):
        _people(twin)
        _registry(twin, number)
        _auction(twin, number)
        _settlement(twin, number)
        _road(twin, number)
        _desk(twin, number)
    return pair


def statewide() -> dict[str, Any]:
    hq = registry.open_office(code="hq", kind="hq", name_en="HQ", name_hi="मुख्यालय")
    users = {}
    for role in ("hq", "monitoring"):
        users[role] = registry.add_user(username=str(role), name_en=role, name_hi=role)
        registry.appoint(user=users[role], office=hq, role=role)
    return users


def _people(twin: Twin) -> None:
    low = twin.prefix.lower()
    office = registry.open_office(
        code=low, kind="district", name_en=twin.district, name_hi=twin.district, district=twin.district
    )
    post = registry.open_office(
        code=f"cp-{low}", kind="checkpost", name_en="Post", name_hi="चेक पोस्ट", district=twin.district
    )
    twin.rows.update(office=office, post=post)
    for role, where in (("district", office), ("collector", office), ("checkpost", post)):
        user = registry.add_user(username=f"{low}-{role}", name_en=role, name_hi=role)
        registry.appoint(user=user, office=where, role=role)
        twin.users[str(role)] = user
    twin.users["party"] = registry.add_user(username=f"{low}-party", name_en="P", name_hi="प")


def _registry(twin: Twin, number: int) -> None:
    low, north = twin.prefix.lower(), 25.3 + number
    party = registry.add_party(
        party=registry.NewParty(
            code=low,
            kind="company",
            name_en=f"{twin.district} Sands",
            name_hi=f"{twin.district} बालू",
            pan=f"AABC{twin.prefix[0]}1234F",
            email=f"{twin.mark.lower()}@example.org",
            phone=f"900000000{number}",
            bank_account=f"{twin.mark}ACCOUNT",
        ),
        users=[twin.users["party"]],
    )
    corners = [[north, 86.50], [north, 86.51], [north + 0.01, 86.51], [north + 0.01, 86.50]]
    block = registry.save_block(
        block=registry.NewBlock(
            code=f"{twin.prefix}-2026-01",
            serial=1,
            block_no="1",
            name_en=f"Ghat of {twin.district}",
            name_hi="बालूघाट",
            district=twin.district,
            area_ha=Decimal("15.3"),
            quantity_m3=91_800,
            corners=corners,
        ),
        by=SYSTEM,
        at=NOW,
    )
    vehicle = registry.register_vehicle(
        vehicle=registry.NewVehicle(
            registration=f"BR0{number + 1}G1234",
            capacity_m3=Decimal(10),
            owner_name=f"{twin.mark} owner",
            owner=party,
            **LORRY,
        ),
        by=SYSTEM,
        at=NOW,
    )
    registry.fit_device(imei=f"86123456789012{number}", vehicle=vehicle, by=SYSTEM, at=NOW)
    place = registry.add_place(
        place=registry.NewPlace(
            code=f"yard-{low}", kind="destination", name_en="Yard", name_hi="यार्ड", lat=north, lon=86.6
        )
    )
    twin.rows.update(party=party, block=block, vehicle=vehicle, place=place)


def _auction(twin: Twin, number: int) -> None:
    rows = twin.rows
    sha256 = keep_file(b"%PDF-1.7\n% " + twin.mark.encode())
    notice = Notice.objects.create(
        pk=1000 + 1000 * number, number="1", district=twin.district, source_name=f"{twin.mark}.txt",
        source_sha256=str(number) * 64, imported_at=NOW,
        programme={"last_date_at": "2026-06-01T17:00:00+05:30", "documents_from_on": "2026-05-11"},
    )  # fmt: skip
    lot = Lot.objects.create(
        pk=1001 + 1000 * number, notice=notice, block=rows["block"], code=rows["block"].code, serial=1,
        reserve_rupees=6_885_000, emd_rupees=1_721_250, opens_at=NOW - timedelta(days=140),
        closes_at=NOW - timedelta(days=139), ends_at=NOW - timedelta(days=139),
    )  # fmt: skip
    bidder = Bidder.objects.create(
        party=rows["party"], registered_at=NOW, terms_accepted_at=NOW, valid_until=date(2027, 6, 1)
    )
    bid = TechnicalBid.objects.create(
        pk=1002 + 1000 * number, lot=lot, bidder=bidder, alias=f"a{number}", applied_at=NOW,
        bank_account=f"{twin.mark}ACCOUNT", turnover_rupees=[1, 2, 3], reasons=f"{twin.mark} reasons",
        documents=[{"letter": "क", "name": f"{twin.mark}.pdf", "sha256": sha256, "size": 20, "type": "PDF",
                    "at": NOW.isoformat()}],
    )  # fmt: skip
    rows.update(notice=notice, lot=lot, bidder=bidder, bid=bid, paper=sha256)


def _settlement(twin: Twin, number: int) -> None:
    rows, day = twin.rows, date(2026, 7, 15)
    lease = Lease.objects.create(
        pk=1003 + 1000 * number, number=f"{twin.prefix}-2026-01",
        lot_code=rows["lot"].code, block=rows["block"], party=rows["party"], district=twin.district,
        bid_rupees=8_950_500, auction_closed_at=NOW - timedelta(days=139), security_paise=223_762_500,
        loi_number=f"{twin.mark}-LOI", loi_on=date(2026, 6, 12), deed_on=day, registered_on=day, period_from=day,
        period_to=date(2031, 7, 14), registration_number=f"{twin.mark}-DEED", permission_number="P/1",
        permitted_at=NOW - timedelta(days=20),
    )  # fmt: skip
    clearance = Clearance.objects.create(
        pk=1004 + 1000 * number, lease=lease, kind="plan", applied_on=day, granted_on=day,
        reference=f"{twin.mark}-PLAN", quantity_m3=91_800,
    )  # fmt: skip
    order = keep_file(b"%PDF-1.7\n% order of " + twin.mark.encode())
    ClearanceVersion.objects.create(
        pk=1013 + 1000 * number, clearance=clearance, number=1, reference=f"{twin.mark}-PLAN", granted_on=day,
        recorded_at=NOW, document={"sha256": order, "name": f"{twin.mark}.pdf", "size": 30, "type": "PDF"},
    )  # fmt: skip
    rows["order"] = order
    demand = Demand.objects.create(
        pk=1005 + 1000 * number, number=f"D-26-00000{number + 1}", party=rows["party"], subject_kind="lease",
        subject_id=lease.number, district=twin.district, kind="instalment", cites=CITES,
        label={"en": f"{twin.mark} instalment", "hi": f"{twin.mark} किस्त"}, amount_paise=223_762_500,
        due_on=date(2026, 10, 15), raised_at=NOW,
    )  # fmt: skip
    receipt = Receipt.objects.create(
        pk=1006 + 1000 * number, number=f"R-26-00000{number + 1}", demand=demand, amount_paise=demand.amount_paise,
        paid_paise=demand.amount_paise, grn=f"{twin.mark}GRN", state="paid_unverified", created_at=NOW, paid_at=NOW,
        payer_account=f"{twin.mark}ACCOUNT",
    )  # fmt: skip
    rows.update(lease=lease, clearance=clearance, demand=demand, receipt=receipt)


def _road(twin: Twin, number: int) -> None:
    rows = twin.rows
    challan = Challan.objects.create(
        pk=1007 + 1000 * number, number=f"{twin.prefix}-26-000001", pass_id=f"{number}" * 16, lease=rows["lease"],
        district=rows["lease"].district,
        party=rows["party"], vehicle=rows["vehicle"], place=rows["place"], imei=f"86123456789012{number}",
        quantity_m3=Decimal(9), distance_km=Decimal(20), driver_name=f"{twin.mark} driver",
        driver_phone="9876543210", issued_at=NOW - timedelta(minutes=5), valid_until=NOW + timedelta(hours=5),
        issue_lat=25.3, issue_lon=86.5, issue_fix_at=NOW, state_at=NOW, pass_text="HTTPS://X/V#ABC",
    )  # fmt: skip
    scan = CheckPostScan.objects.create(
        pk=1008 + 1000 * number, office=rows["post"], at=NOW, asked=f"{twin.mark} asked", challan=challan,
        verdict="good", reason="ok", facts={"genuine": True},
    )  # fmt: skip
    rows.update(challan=challan, scan=scan)


def _desk(twin: Twin, number: int) -> None:
    rows = twin.rows
    case = Case.objects.create(
        pk=1009 + 1000 * number, number=f"{twin.prefix}-C-2026-0001", offence="gps_tamper", office=rows["office"],
        district=twin.district, vehicle=rows["vehicle"], party=rows["party"], lease_code=rows["lease"].number,
        challan_number=rows["challan"].number, occurred_at=NOW, state="noticed", opened_at=NOW, noticed_at=NOW,
        reply=f"{twin.mark} reply", replied_at=NOW, proposed_paise=100,
        evidence={"signals": [{"lat": 25.3, "lon": 86.5, "registration": f"{twin.mark}", "seen_at": NOW.isoformat(),
                               "signal": "cover_opened"}]},
    )  # fmt: skip
    task = Task.objects.create(
        pk=1010 + 1000 * number, office=rows["office"], role="district", code="TRG-05", subject_kind="vehicle",
        subject_id=rows["vehicle"].registration, opened_at=NOW, due_at=NOW + timedelta(days=1), act="open_case",
        facts={"registration": rows["vehicle"].registration, "signal": "cover_opened", "grade": "strong",
               "raw": f"{twin.mark} frame", "seen_at": NOW.isoformat(), "party_id": rows["party"].pk},
    )  # fmt: skip
    told = {"demand": rows["demand"].number, "label": {"en": f"{twin.mark} due", "hi": f"{twin.mark} देय"},
            "amount_paise": 5, "due_on": "2026-10-15", "lease": rows["lease"].number}  # fmt: skip
    to = {"template": "MSG-01", "facts": told, "subject_kind": "lease", "subject_id": rows["lease"].number, "at": NOW}
    letter = Message.objects.create(pk=1011 + 1000 * number, to_kind="party", to_id=str(rows["party"].pk), **to)
    memo = Message.objects.create(pk=1012 + 1000 * number, to_kind="office", to_id=str(rows["office"].pk), **to)
    rows.update(case=case, task=task, letter=letter, memo=memo)


def enter(register: str, act: str, by: Any, **values: Any) -> str:
    """The number of a new entry of a declared register."""
    declared = current(register, NOW.date())
    given = Given(values)
    return do_act(register=declared, act=declared.acts[act], given=given, by=actor_of(by), at=NOW).number


def enter_visit(officer: Any) -> str:
    """An entry of the register of visitors."""
    return enter("visitors", "enter", officer, came_at="2026-10-16T10:15", visitor="Ram", purpose="application")


def enter_training(headquarters: Any) -> str:
    """An entry of the register of trainings, which has a table."""
    times = {"begins_at": "2026-10-20T10:00", "ends_at": "2026-10-20T16:00"}
    return enter("training", "plan", headquarters, subject="e-Challan", place="Munger", **times)
