"""A settlement to test with: offices, people, a ghat, a party, and a treasury that really answers over HTTP."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any

import pytest

from immis.adapters import over_http
from immis.adapters.treasury.simulator import TreasurySimulator
from immis.clock import INDIA
from immis.core.access.permissions import SYSTEM, Actor
from immis.leases import selectors as leases
from immis.leases import services as path
from immis.leases.models import Lease
from immis.ledger import services as ledger
from immis.ledger.models import Demand, Receipt
from immis.registry import services as registry
from immis.registry.models import Block, Party, User
from immis.registry.selectors import actor_of
from tests import kept

#: The payer's window at the bank.
BANK = over_http.client()
KEY = "test-treasury-key"
OWN = "31415926535"
#: E-173: ghat 1, reserve 68,85,000, bid of reserve + 3 increments.
#: What a company hands in after the auction: its directors with what each owns, and its own property (E-086).
STATEMENT: dict[str, Any] = {
    "members": [
        {"name": "Hari Singh", "pan": "ABCPH1234F", "capacity": "director", "movable_rupees": 5, "immovable_rupees": 0}
    ],
    "assets": {"movable_rupees": 700_000, "immovable_rupees": 0},
}
BID, RESERVE, EMD_PAISE = 8_950_500, 6_885_000, 172_125_000


def india(day: str, clock: str = "10:00:00") -> datetime:
    """An instant in India: ``india("2026-10-16", "00:00:00")``."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=INDIA).astimezone(UTC)


class _Treasury(TreasurySimulator):
    """Its books are kept with a world, and restored with it."""

    def kept(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.books._by_grn, self.payouts._held

    def restore(self, books: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self.books._by_grn, self.payouts._held = books


@pytest.fixture
def treasury(settings):
    """The simulator on a free port, with the settings pointing at it; nobody is notified."""
    server = _Treasury("127.0.0.1", 0, key=KEY)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    settings.TREASURY_URL, settings.TREASURY_KEY = server.url, KEY
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def _stage(reach: Callable[..., Lease]) -> Callable[..., Lease]:
    """A stage of the path, kept with its world for the tests that begin there; a lease that is given goes on there."""

    @wraps(reach)
    def reached(self: "World", lease: Lease | None = None) -> Lease:
        if lease is not None:
            return reach(self, lease)
        answer: Lease = kept.WORLDS.get(reach.__name__, lambda: reach(self), lasting=[self.treasury])
        return answer

    return reached


@dataclass
class World:
    """Offices, people and one ghat; ``settle`` takes a lease to where a test needs it."""

    treasury: TreasurySimulator
    block: Block
    party: Party
    users: dict[str, User] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        return actor_of(self.users[name])

    @property
    def district(self) -> Actor:
        return self.actor("mdo")

    @property
    def collector(self) -> Actor:
        return self.actor("collector")

    def issue(self, step: str, *, lease: Lease, at: datetime, **day: date) -> Lease:
        """LoI, deed or permission as two officers: the mining office proposes, the Collector issues."""
        service = {"loi": path.issue_loi, "deed": path.execute_deed, "permission": path.grant_permission}[step]
        path.propose_step(lease=lease, step=step, issue=service, by=self.district, at=at, **day)
        return service(lease=lease, by=self.collector, at=at, **day)

    @property
    def settlee(self) -> Actor:
        return self.actor("settlee")

    def pay(self, demand: Demand, *, at: datetime, account: str = OWN, act: str = "pay") -> Receipt:
        """The party pays at the bank; nobody tells IMMIS yet."""
        start = ledger.begin_payment(demand=demand, by=self.settlee, at=at, return_url="http://testserver/pay/x/")
        BANK.post(start.pay_url, data={"act": act, "account": account})
        return start.receipt

    def pay_and_verify(self, demand: Demand, *, at: datetime) -> Receipt:
        receipt = self.pay(demand, at=at)
        return ledger.verify_receipt(receipt=receipt, by=self.district, at=at)

    def emd(self, *, at: datetime, lot: str = "MUN-2026-01", amount_paise: int = EMD_PAISE) -> Receipt:
        demand = ledger.raise_demand(
            demand=ledger.NewDemand(
                party=self.party,
                subject=("lot", lot),
                kind="emd",
                label={"en": "Earnest money", "hi": "अग्रधन राशि"},
                amount_paise=amount_paise,
            ),
            by=SYSTEM,
            at=at,
        )
        return self.pay_and_verify(demand, at=at)

    @_stage
    def opened(self) -> Lease:
        """Sold on 05.06.2026 at 13:00 with the earnest money in the ledger."""
        self.emd(at=india("2026-06-01"))
        return path.open_settlement(
            lot=path.SoldLot(
                lot_code="MUN-2026-01",
                block=self.block,
                party=self.party,
                bid_rupees=BID,
                emd_paise=EMD_PAISE,
                closed_at=india("2026-06-05", "13:00:00"),
            ),
            at=india("2026-06-05", "13:00:01"),
        )

    @_stage
    def with_loi(self, lease: Lease | None = None) -> Lease:
        lease, by = lease or self.opened(), self.district
        self.pay_and_verify(leases.security_demand(lease), at=india("2026-06-08"))
        path.record_documents(lease=lease, on=date(2026, 6, 6), by=by, at=india("2026-06-08"))
        path.record_assets(lease=lease, on=date(2026, 6, 7), by=by, at=india("2026-06-08"), **STATEMENT)
        return self.issue("loi", lease=lease, at=india("2026-06-10"))

    @_stage
    def cleared(self, lease: Lease | None = None) -> Lease:
        lease, by = lease or self.with_loi(), self.district
        steps = (("plan", (2026, 6, 20), (2026, 7, 2)), ("ec", (2026, 7, 5), (2026, 7, 8)))
        for kind, applied, granted in (*steps, ("cte_cto", (2026, 7, 9), (2026, 7, 12))):
            path.record_clearance(
                lease=lease,
                kind=kind,
                applied_on=date(*applied),
                reference=f"{kind}/1",
                grant=path.ClearanceGrant(granted_on=date(*granted), quantity_m3=91_800, reference=f"{kind}/1"),
                by=by,
                at=india("2026-07-13"),
            )
        lease.refresh_from_db()
        return lease

    @_stage
    def deeded(self, lease: Lease | None = None) -> Lease:
        """First instalment verified, deed of 15.07.2026."""
        lease = lease or self.cleared()
        self.pay_and_verify(leases.first_instalment(lease), at=india("2026-07-14"))
        return self.issue("deed", lease=lease, on=date(2026, 7, 15), at=india("2026-07-15"))

    @_stage
    def mining(self, lease: Lease | None = None) -> Lease:
        lease, by = lease or self.deeded(), self.district
        path.record_gst(lease=lease, on=date(2026, 7, 10), by=by, at=india("2026-07-15"))
        self.demarcate(lease, at=india("2026-07-15"))
        return self.issue("permission", lease=lease, at=india("2026-07-15", "12:00:00"))

    def demarcate(self, lease: Lease, *, at: datetime) -> Lease:
        """A pillar at each of the four corners, certified before the RQP on 11.07.2026."""
        return path.record_demarcation(
            lease=lease,
            demarcation=path.Demarcation(
                on=date(2026, 7, 11), pillars=4, present=["rqp"], certified_by="RQP/7", reference="DM/1"
            ),
            by=self.district,
            at=at,
        )

    def instalment(self, lease: Lease, year: int, number: int) -> Demand:
        return next(d for d in leases.demands_of(lease) if d.key == f"instalment:{lease.number}:{year}:{number}")


def _person(name: str, *, office=None, role: str | None = None) -> User:
    user = registry.add_user(username=name, name_en=name.title(), name_hi=f"{name} जी", password="a-long-password")
    if office and role:
        registry.appoint(user=user, office=office, role=role)
    return user


@pytest.fixture
def world(db, treasury) -> World:
    """Munger with its offices, ghat 1 and a company that bids; Patna's district office beside it."""
    return make_world(treasury)


@kept.world
def make_world(treasury: TreasurySimulator) -> World:
    munger = registry.open_office(code="munger", kind="district", name_en="Munger", name_hi="मुंगेर", district="Munger")
    patna = registry.open_office(code="patna", kind="district", name_en="Patna", name_hi="पटना", district="Patna")
    hq = registry.open_office(code="hq", kind="hq", name_en="Headquarters", name_hi="मुख्यालय")
    users = {
        "mdo": _person("mdo", office=munger, role="district"),
        "collector": _person("collector", office=munger, role="collector"),
        "checkpost": _person("checkpost", office=munger, role="checkpost"),
        "patna": _person("patna", office=patna, role="district"),
        "hq": _person("hq", office=hq, role="hq"),
        "monitor": _person("monitor", office=hq, role="monitoring"),
        "settlee": _person("settlee"),
        "other": _person("other"),
    }
    block = registry.save_block(
        block=registry.NewBlock(
            code="MUN-2026-01",
            serial=1,
            block_no="1-A",
            name_en="Kalisthan Fulkiya",
            name_hi="कलिस्थान फुलकिया",
            district="Munger",
            area_ha=Decimal("15.3"),
            quantity_m3=91_800,
            corners=[[25.2804, 86.6087], [25.2835, 86.6104], [25.2798, 86.6139], [25.278, 86.6117]],
        ),
        by=SYSTEM,
        at=india("2026-05-20"),
    )
    party = _party("ganga", "AABCG1234F", users["settlee"], OWN)
    _party("kosi", "AABCK1234F", users["other"], "27182818284")
    return World(treasury, block, party, users)


def _party(code: str, pan: str, user: User, account: str) -> Party:
    return registry.add_party(
        party=registry.NewParty(
            code=code,
            kind="company",
            name_en=f"{code.title()} Sands",
            name_hi=f"{code} बालू",
            pan=pan,
            email=f"{code}@example.org",
            bank_account=account,
        ),
        users=[user],
    )
