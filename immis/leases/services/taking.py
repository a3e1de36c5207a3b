"""One settlement of a taken-over file: its party, ghat and deed, its clearances, its demands and what was paid."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.services import next_number
from immis.leases.events.path import LeaseTakenOver
from immis.leases.models import Clearance, Lease
from immis.leases.selectors import plan_of
from immis.leases.services.clearances import keep_version
from immis.leases.services.common import tell
from immis.leases.services.demands import raise_year
from immis.ledger.selectors import Demand
from immis.ledger.services import NewDemand, OpeningPayment, book_opening_payment, raise_demand
from immis.registry.pans import owner_of
from immis.registry.selectors import Block, Party, blocks
from immis.registry.services import NewBlock, NewParty, add_party, save_block
from immis.rules.calendar import start_of
from immis.rules.holds.stops import LAW, SILENT
from immis.rules.leases import by_deed, schedule, taken
from immis.rules.leases.by_deed import DMF, SECURITY
from immis.rules.leases.takeover import has_terms
from immis.rules.money import PAISE
from immis.rules.policy import book
from immis.rules.writing.texts import text


@dataclass
class TakenPlace:
    """A file that is being taken over, by whom and when; its rows by the settlement that they belong to."""

    file: taken.TakeoverFile
    by: Actor
    at: datetime
    _parties: dict[str, taken.Party] = field(init=False)
    _ghats: dict[str, taken.Ghat] = field(init=False)

    def __post_init__(self) -> None:
        self._parties = {row.pan: row for row in self.file.of(taken.Party)}
        self._ghats = {row.code: row for row in self.file.of(taken.Ghat)}

    def own(self, kind: type, number: str) -> list[Any]:
        """The rows of a kind of one settlement."""
        return [row for row in self.file.of(kind) if row.settlement == number]

    def party(self, pan: str) -> Party:
        """The party that owns a PAN, entered from the file where it is new; the deed proves the PAN."""
        if known := owner_of(pan):
            return known
        row = self._parties[pan]
        names = ("pan", "kind", "name_en", "name_hi", "email", "phone", "bank_account")
        fields = {name: getattr(row, name) for name in names}
        new = NewParty(code=f"T{next_number('party-taken-over'):06d}", **fields)
        return add_party(party=new, by=self.by, at=self.at)

    def ghat(self, code: str) -> Block:
        """The ghat of a code, entered from the file where it is new."""
        if known := blocks(code=code).first():
            return known
        fields = {name: value for name, value in vars(self._ghats[code]).items() if name != "line"}
        return save_block(block=NewBlock(district=self.file.district, **fields), by=self.by, at=self.at)


def take_settlement(row: taken.Settlement, place: TakenPlace) -> Lease:
    """Enter one settlement as it stands in the checked file, demand what it owes, and book what was paid."""
    on, by, at = start_of(row.auction_on), place.by, place.at
    block = place.ghat(row.ghat)
    own_terms = _own_terms(row, place)
    owed = _security(row, block.district, own_terms)
    lease = Lease.objects.create(
        number=row.number,
        lot_code=row.number,
        block=block,
        party=place.party(row.pan),
        district=block.district,
        bid_rupees=row.bid_rupees,
        auction_closed_at=on,
        security_paise=owed.full_paise,
        own_terms=own_terms,
        unpaid_stops=(row.unpaid_stops or SILENT) if own_terms else LAW,
        **_days(row, block),
    )
    plan = plan_of(lease, deed_on=row.deed_on)
    lease.period_to = row.ends_on or by_deed.last_day(row, len(plan))
    lease.save(update_fields=["period_to"])
    for clearance in place.own(taken.Clearance, row.number):
        _take_clearance(lease, clearance, by=by, at=at)
    demands = {(0, SECURITY): _demand_security(lease, owed, by=by, at=at)}
    for year in plan:
        raised = raise_year(lease, year, by=by, at=at)
        parts = [*(str(instalment.number) for instalment in year.instalments), DMF][: len(raised)]
        demands |= {(year.number, part): demand for part, demand in zip(parts, raised, strict=True)}
    paid = _book(place.own(taken.Payment, row.number), demands, place)
    facts = {"reference": place.file.reference, "deed_on": row.deed_on, "balances_on": place.file.balances_on}
    tell(LeaseTakenOver, lease, by=by, at=at, facts={**facts, "paid_paise": paid})
    return lease


def _own_terms(row: taken.Settlement, place: TakenPlace) -> dict[str, Any]:
    """The terms of the deed where the rule book has none of the auction's day (TKO-02), else nothing."""
    if has_terms(row, district=place.file.district, policy=book()):
        return {}
    cite = schedule.Cite.of(book().at("TKO-02", place.at))
    return by_deed.kept_terms(place.own(taken.Due, row.number), cite)


def _security(row: taken.Settlement, district: str, own_terms: Mapping[str, Any]) -> schedule.Security:
    """The security by the terms of the auction's day, else by the deed."""
    if own_terms:
        return schedule.Security(by_deed.security_of(own_terms)[0], 0, by_deed.cite_of(own_terms))
    full, on = row.bid_rupees * PAISE, start_of(row.auction_on)
    return schedule.security(full, emd_paise=0, policy=book(), on=on, district=district)


def _days(row: taken.Settlement, block: Block) -> dict[str, Any]:
    """The fields of a settlement that its path has filled."""
    return {
        "loi_number": row.loi_number[:60],
        "loi_on": row.loi_on,
        "deed_on": row.deed_on,
        "period_from": row.deed_on,
        "registered_on": row.registered_on,
        "registration_number": row.registration_number[:60],
        "gst_registered_on": row.gst_on,
        "permission_number": row.permission_number[:60],
        "permitted_at": start_of(row.permitted_on) if row.permitted_on else None,
        "demarcated_on": row.demarcated_on,
        "demarcated_version": block.version if row.demarcated_on else None,
    }


def _take_clearance(lease: Lease, row: taken.Clearance, *, by: Actor, at: datetime) -> None:
    clearance = Clearance(
        lease=lease,
        kind=row.kind,
        applied_on=row.applied_on,
        granted_on=row.granted_on,
        valid_until=row.valid_until,
        quantity_m3=row.quantity_m3,
        reference=row.reference[:120],
    )
    clearance.save()
    if row.granted_on:
        keep_version(clearance, by=by, at=at)


def _demand_security(lease: Lease, owed: schedule.Security, *, by: Actor, at: datetime) -> Demand:
    """The whole security as one demand; earnest money that went into it is among its payments."""
    cite = owed.cite
    demand = NewDemand(
        party=lease.party,
        subject=("lease", lease.number),
        kind="security",
        label=text("leases/demands", "security_whole" if lease.own_terms else "security"),
        due_on=by_deed.security_of(lease.own_terms)[1] if lease.own_terms else None,
        amount_paise=owed.full_paise,
        cites=[{"code": cite.code, "from_on": cite.from_on, "cites": cite.cites}],
        district=lease.district,
        key=f"security:{lease.number}",
    )
    return raise_demand(demand=demand, by=by, at=at)


def _book(payments: list[taken.Payment], demands: dict[tuple[int, str], Demand], place: TakenPlace) -> int:
    """Book the payments of a settlement, oldest first; answers their sum in paise."""
    for row in sorted(payments, key=lambda payment: (payment.verified_on, payment.line)):
        payment = OpeningPayment(
            demand=demands[row.year, row.part],
            amount_paise=row.amount_paise,
            verified_on=row.verified_on,
            grn=row.grn,
        )
        book_opening_payment(payment=payment, reference=place.file.reference, by=place.by, at=place.at)
    return sum(row.amount_paise for row in payments)
