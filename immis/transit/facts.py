"""What the rules on transit passes are asked about: their facts as they stand, for services and the gates of acts."""

from datetime import datetime
from typing import Any

from immis.core.access.permissions import Actor
from immis.registry.selectors import Party, Vehicle, party_of
from immis.registry.things import PAPERS
from immis.rules.transit.passes import EntryFacts, HolderFacts, StandFacts, TakenFacts, WithdrawFacts
from immis.rules.transit.switch import SwitchFacts
from immis.rules.writing.texts import texts
from immis.transit import selectors
from immis.transit.models import Registration, TransitPass


def switch_facts(record: Any, by: Actor, at: datetime) -> SwitchFacts:
    """How the switch stands now."""
    return selectors.switch_now(at)


def holder_facts(record: Any, by: Actor, at: datetime) -> HolderFacts:
    """The party of the viewer as the register of parties of other States has it."""
    party = party_of(by.party_id) if by.party_id else None
    row = selectors.registration_of_party(by.party_id)
    return _holder(party, row)


def _holder(party: Party | None, row: Registration | None) -> HolderFacts:
    names = {"en": party.name_en, "hi": party.name_hi} if party else {"en": "—", "hi": "—"}
    if row is None:
        return HolderFacts(names, "new")
    return HolderFacts(names, row.state, number=row.number, reason=row.reason)


def stand_facts(row: Registration, to: str) -> StandFacts:
    """A registration that an officer changes."""
    return StandFacts(row.number, row.state, to)


def taken_facts(row: TransitPass, taken_at: datetime) -> TakenFacts:
    """When the challan of the origin runs, and when the pass is taken."""
    return TakenFacts(row.origin_number, row.origin_issued_at, row.origin_until, taken_at)


def entry_facts(row: TransitPass, by: Actor, at: datetime) -> EntryFacts:
    """A pass before a check post."""
    state = selectors.state_of(row, at)
    return EntryFacts(row.number, "issued" if state == "entered" else state, row.origin_until, row.entered_at)


def withdraw_facts(row: TransitPass, by: Actor, at: datetime) -> WithdrawFacts:
    """A pass that is to be withdrawn."""
    return WithdrawFacts(row.number, selectors.state_of(row, at))


def vehicle_facts(vehicle: Vehicle | None, mark: str) -> dict[str, Any]:
    """The record of a vehicle here; a mark without one is not registered."""
    if vehicle is None:
        return {"vehicle": mark}
    ends = [until for name in PAPERS if (until := getattr(vehicle, name))]
    return {
        "vehicle": vehicle.registration,
        "is_registered": True,
        "is_seen": bool(vehicle.checked_how),
        "is_active": vehicle.active,
        "vehicle_class": vehicle.vehicle_class,
        "ended_on": min(ends, default=None),
    }


def event_facts(row: TransitPass) -> dict[str, Any]:
    """What every event of a pass carries."""
    return {
        "istp": row.number,
        "party_id": row.party_id,
        "party": {"en": row.party.name_en, "hi": row.party.name_hi},
        "vehicle": row.vehicle.registration,
        "district": row.district,
        "origin_state": row.origin_state,
        "origin_number": row.origin_number,
        "quantity": row.quantity,
        "unit": row.unit,
        "fee_paise": row.fee_paise,
        "valid_until": row.origin_until,
    }


def state_names(code: str) -> dict[str, str]:
    """A State of origin in both languages."""
    return dict(texts("transit/states")[code])
