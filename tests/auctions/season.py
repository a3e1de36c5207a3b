"""An auction to test with: the Munger notice cut to three ghats, offices, and bidders who passed."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import F

from immis.adapters.notices import SAMPLES, read_notice
from immis.auctions import services
from immis.auctions.models import Bidder, Lot, TechnicalBid
from immis.auctions.sealing import alias_of
from immis.clock import INDIA
from immis.core.access.permissions import SYSTEM, Actor
from immis.ledger.chart import HEAD_OF_KIND, TREASURY
from immis.ledger.models import Demand, Receipt
from immis.ledger.services import Side, post_entry
from immis.registry import services as registry
from immis.registry.models import Party, User
from immis.registry.selectors import actor_of
from immis.rules.auctions.tenders import required_documents
from immis.rules.policy import book
from tests import kept
from tests.rules import recorder

#: A filled-in registration form; the Aadhaar number is a made-up one whose check digit fits.
PARTICULARS = {
    "signatory": "Ram Prasad",
    "father_name": "Shyam Prasad",
    "correspondence_address": "Munger",
    "permanent_address": "Munger",
    "mobile": "9000000001",
    "email": "ram@example.org",
    "citizen": True,
    "aadhaar": "2341 2341 2346",
    "dsc_serial": "3F1A77",
    "dsc_class": 3,
    "dsc_valid_until": date(2027, 12, 31),
    "dsc_issuer": "Example CA",
}
#: What a bidder writes into form 3 beside account and turnover.
FORM_3 = {"emd_bank": "SBI, Munger", "gst": "undertaking", "no_dues": "declaration", "declared_by": "Ram Prasad"}
#: The clauses that are ticked each by itself: as services take them, and as a form sends them (AUC-172).
ACCEPTED = ["own_it", "security", "hindrance", "satisfied", "not_mined"]
TICKS = {"terms_read": "on", **{f"accept_{key}": "on" for key in ACCEPTED}}
PDF = b"%PDF-1.7\n% a paper\n"
NOTICE = (SAMPLES / "munger_2026.txt").read_bytes()


def india(text: str) -> datetime:
    """An instant in India: ``india("2026-06-05T12:55:00.001")``."""
    return datetime.fromisoformat(text).replace(tzinfo=INDIA).astimezone(UTC)


IMPORTED, APPLIED, DECIDED = india("2026-05-10T10:00"), india("2026-05-20T10:00"), india("2026-06-01T10:00")
OPENS, CLOSES = india("2026-06-05T11:00"), india("2026-06-05T13:00")
MS = timedelta(milliseconds=1)
RESERVE, STEP = 6_885_000, 688_500


@dataclass
class Season:
    """Offices and lots; ``bidder`` makes a party that has passed for a lot."""

    users: dict[str, User] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        return actor_of(self.users[name])

    @property
    def mdo(self) -> Actor:
        return self.actor("mdo")

    def lot(self, serial: int = 1) -> Lot:
        return Lot.objects.select_related("block", "notice").get(serial=serial)

    def alias(self, name: str, serial: int = 1) -> str:
        """Under which alias a bidder stands in a lot's chain."""
        lot = self.lot(serial)
        return alias_of(lot.code, lot.seal, self.users[name].parties.get().pk)

    def party(self, name: str, kind: str = "proprietor") -> Party:
        user = registry.add_user(username=name, name_en=name.title(), name_hi=f"{name} जी")
        self.users[name] = user
        letters = "".join(chr(65 + (ord(one) % 26)) for one in f"{name}xxx")[:3]
        return registry.add_party(
            party=registry.NewParty(
                code=name,
                kind=kind,
                name_en=f"{name.title()} Sands",
                name_hi=f"{name} बालू",
                pan=f"{letters}P{chr(65 + len(self.users) % 26)}{1000 + len(self.users)}F",
                email=f"{name}@example.org",
                bank_account=f"3141592{len(self.users):04d}",
            ),
            users=[user],
        )

    def registered(self, name: str, kind: str = "proprietor") -> Bidder:
        party = self.party(name, kind)
        return services.register_bidder(
            party=party, accept_terms=True, particulars=PARTICULARS, by=self.actor(name), at=APPLIED
        )

    def kept(self) -> dict[str, User]:
        """What a world keeps of a season: its people."""
        return self.users

    def restore(self, users: dict[str, User]) -> None:
        self.users.clear()
        self.users.update(users)

    def applied(self, name: str, *serials: int, kind: str = "proprietor") -> Bidder:
        """Registered, and applied for some lots with everything that is asked but the money; a world of its own."""
        return self._in_world("applied", self._applied, name, *serials, kind=kind)

    def _in_world(self, step: str, reach: Callable[..., Bidder], name: str, *serials: int, kind: str) -> Bidder:
        bidder: Bidder = self.in_world(f"{step} {name} {serials} {kind}", lambda: reach(name, *serials, kind=kind))
        return bidder

    def in_world(self, key: str, build: Callable[[], Any]) -> Any:
        """A stage of the season, kept with its world for the tests that begin there; a flow notes how it is built."""
        return build() if recorder.is_noting() else kept.WORLDS.get(key, build, lasting=[self])

    def _applied(self, name: str, *serials: int, kind: str) -> Bidder:
        bidder = self.registered(name, kind)
        for serial in serials or (1,):
            bid = services.apply_for_lot(
                lot=self.lot(serial),
                bidder=bidder,
                form={
                    "bank_account": bidder.party.bank_account,
                    "turnover_rupees": [90_000_000] * 3,
                    "accepted": ACCEPTED,
                    **FORM_3,
                },
                by=self.actor(name),
                at=APPLIED,
            )
            first, *others = required_documents(kind, policy=book(), on=OPENS)
            services.add_document(bid=bid, letter=first, filename="p.pdf", content=PDF, by=self.actor(name), at=APPLIED)
            bid.documents += [{**bid.documents[0], "letter": letter} for letter in others]  # how: test_applications
            bid.save(update_fields=["documents"])
        return bidder

    def registered_paid(self, bidder: Bidder) -> None:
        """The registration fee is settled."""
        Demand.objects.filter(number=bidder.fee_demand).update(settled_at=APPLIED, applied_paise=F("amount_paise"))

    def pay(self, bid: TechnicalBid, *, account: str = "") -> None:
        """The fee and the earnest money arrive and the district has verified them."""
        for number in (bid.fee_demand, bid.emd_demand):
            demand = Demand.objects.get(number=number)
            receipt = Receipt.objects.create(
                number=f"R-{secrets.token_hex(6)}",
                demand=demand,
                amount_paise=demand.amount_paise,
                paid_paise=demand.amount_paise,
                state="verified",
                payer_account=account or bid.bank_account,
                created_at=APPLIED,
                paid_at=APPLIED,
                verified_at=APPLIED,
            )
            subject = (demand.subject_kind, demand.subject_id)
            sides = [
                Side(TREASURY, debit_paise=demand.amount_paise, party=demand.party, subject=subject),
                Side(
                    HEAD_OF_KIND[demand.kind],
                    credit_paise=demand.amount_paise,
                    demand=demand,
                    party=demand.party,
                    subject=subject,
                ),
            ]
            post_entry("receipt.verified", sides=sides, by=SYSTEM, at=APPLIED, receipt=receipt)
            demand.settled_at, demand.applied_paise = APPLIED, demand.amount_paise
            demand.save()

    def bidder(self, name: str, *serials: int, kind: str = "proprietor") -> Bidder:
        """A bidder who applied, paid and was technically successful for some lots; a world of its own."""
        return self._in_world("passed", self._passed, name, *serials, kind=kind)

    def _passed(self, name: str, *serials: int, kind: str) -> Bidder:
        bidder = self._applied(name, *serials, kind=kind)
        for bid in TechnicalBid.objects.filter(bidder=bidder):
            self.pay(bid)
            services.decide_technical(bid=bid, passed=True, reasons="", by=self.mdo, at=DECIDED)
        return bidder

    def bid(self, name: str, steps: int = 1, *, serial: int = 1, key: str = "", **more: Any) -> services.BidAnswer:
        """One bid of a bidder, now."""
        return services.place_bid(
            lot=self.lot(serial), steps=steps, key=key or secrets.token_hex(8), by=self.actor(name), **more
        )


@cache
def read_once() -> Any:
    return read_notice(NOTICE, filename="munger.txt")


@kept.world
def make_season(ghats: int = 3) -> Season:
    season = Season()
    munger = registry.open_office(code="munger", kind="district", name_en="Munger", name_hi="मुंगेर", district="Munger")
    patna = registry.open_office(code="patna", kind="district", name_en="Patna", name_hi="पटना", district="Patna")
    hq = registry.open_office(code="hq", kind="hq", name_en="Headquarters", name_hi="मुख्यालय")
    posts = (
        ("mdo", munger, "district"),
        ("collector", munger, "collector"),
        ("checkpost", munger, "checkpost"),
        ("patna", patna, "district"),
        ("hq", hq, "hq"),
        ("monitor", hq, "monitoring"),
    )
    for name, office, role in posts:
        season.users[name] = registry.add_user(username=name, name_en=name.title(), name_hi=f"{name} जी")
        registry.appoint(user=season.users[name], office=office, role=role)
    facts = read_once()
    cut = replace(facts, ghats=facts.ghats[:ghats])
    services.import_notice(facts=cut, findings=[], source=NOTICE, filename="munger.txt", by=SYSTEM, at=IMPORTED)
    return season


def published(data_dir: Path, code: str) -> Path:
    return data_dir / "public" / "auctions" / f"{code}.json"
