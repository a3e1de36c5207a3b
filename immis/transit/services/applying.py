"""Asking for the transit pass of one load: everything that stands against it at once, then its fee as a demand."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from immis.core.access.outside import hand_on
from immis.core.access.permissions import Actor
from immis.core.clashes import is_twice
from immis.core.errors import NotPermitted, Refusal
from immis.core.facts import plain
from immis.core.grants import may, require_grant
from immis.core.papers import uploads
from immis.core.services import emit, log_action, next_number
from immis.ledger.services import NewDemand, raise_demand
from immis.registry.selectors import Vehicle, party_of, vehicle_of
from immis.registry.services.looked import fill_from_vahan, vahan
from immis.registry.services.vehicles import mark_of
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book
from immis.rules.transit.passes import (
    ApplyFacts,
    Load,
    TakenFacts,
    fee_paise,
    first_difference,
    taken_until,
    writing_of,
)
from immis.rules.writing.texts import text
from immis.transit import selectors
from immis.transit.events import PassApplied
from immis.transit.facts import event_facts, holder_facts, state_names, switch_facts, vehicle_facts
from immis.transit.models import TransitPass
from immis.transit.origins import PAPER, Said, ask_origin


@dataclass(frozen=True, kw_only=True)
class NewLoad:
    """One load as its challan of the origin states it, and where it goes; the unit is the challan's own."""

    origin_state: str
    origin_number: str
    origin_issued_at: datetime
    origin_until: datetime
    consignor: str
    mineral: str
    quantity: Decimal
    unit: str
    vehicle: str
    driver_name: str
    district: str
    consignee: str
    destination: str
    driver_phone: str = ""

    @property
    def mark(self) -> str:
        return mark_of(self.vehicle)[:12]


def apply_for_pass(*, load: NewLoad, signed_text: str, content: bytes, by: Actor, at: datetime) -> TransitPass:
    """Ask for the pass of a load: the origin's machine and VAHAN are asked first, then every reason is given at once.

    The same challan a second time answers the pass that it carries, where it is the same party's and load. Raises
    Refusal (IST-01, IST-03 to IST-08, UPL-02), NotPermitted for who acts for no party.
    """
    require_grant(by, "istp.apply")
    if not by.party_id:
        raise NotPermitted("a pass is taken by a party")
    _refuse(_before(by, at))
    hand_on()
    vehicle = _seen(vehicle_of(load.mark), by, at)
    origin = ask_origin(load.origin_state, load.origin_number, signed_text)
    try:
        return _apply(load, origin, vehicle, content, by=by, at=at)
    except IntegrityError as fault:
        if is_twice(fault):  # somebody was faster with the same challan
            return _apply(load, origin, vehicle, content, by=by, at=at)
        raise


def _before(by: Actor, at: datetime) -> list[Finding]:
    findings = find("istp.in_force", switch_facts(None, by, at), policy=book(), at=at)
    return findings or find("istp.holder", holder_facts(None, by, at), policy=book(), at=at)


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise Refusal(findings)


def _seen(vehicle: Vehicle | None, by: Actor, at: datetime) -> Vehicle | None:
    """A vehicle whose papers nobody has seen is looked up at VAHAN, where there is a line to it."""
    if vehicle is None or vehicle.checked_how or vahan() is None or not may(by, "vehicle.look"):
        return vehicle
    try:
        return fill_from_vahan(vehicle=vehicle, by=by, at=at)[0]
    except Refusal:  # silent, or it does not know it: the rule says that nobody has seen it
        return vehicle


@transaction.atomic
def _apply(
    load: NewLoad, origin: Said, vehicle: Vehicle | None, content: bytes, *, by: Actor, at: datetime
) -> TransitPass:
    known = selectors.carried_by(load.origin_state, load.origin_number)
    if known and known.party_id == by.party_id and known.vehicle.registration == load.mark:
        return known
    findings = find("istp.taken", _taken(load, at), policy=book(), at=at)
    findings += find("istp.apply", _facts(load, origin, vehicle, known, content), policy=book(), at=at)
    if findings or vehicle is None:
        raise Refusal(findings)
    row = _keep(load, origin, vehicle, content, by=by, at=at)
    due = {"due_at": row.due_at, "checked_how": row.checked_how}
    payload = PassApplied.of({**event_facts(row), **due})
    log_action(payload.KIND, subject=("istp", row.number), by=by, at=at, facts={**due, "demand": row.demand})
    emit(payload, subject=("istp", row.number), at=at)
    return row


def _taken(load: NewLoad, at: datetime) -> TakenFacts:
    return TakenFacts(load.origin_number, load.origin_issued_at, load.origin_until, at)


def _facts(
    load: NewLoad, origin: Said, vehicle: Vehicle | None, known: TransitPass | None, content: bytes
) -> ApplyFacts:
    fault = origin.fault or ("paper" if origin.how == PAPER and not content else "")
    differs, here, there = _difference(load, origin)
    return ApplyFacts(
        origin=load.origin_number,
        state=state_names(load.origin_state),
        known_as=known.number if known else "",
        fault=fault,
        differs=differs,
        here=here,
        there=there,
        **vehicle_facts(vehicle, load.mark),
    )


def _difference(load: NewLoad, origin: Said) -> tuple[str, str, str]:
    if origin.record is None:
        return "", "", ""
    here = Load(load.origin_number, load.mark, load.quantity, load.unit, load.origin_issued_at, load.origin_until)
    row = origin.record
    return first_difference(here, Load(row.number, row.vehicle, row.quantity, row.unit, row.issued_at, row.valid_until))


def _keep(load: NewLoad, origin: Said, vehicle: Vehicle, content: bytes, *, by: Actor, at: datetime) -> TransitPass:
    party = party_of(by.party_id or 0)
    document = ""
    if content:
        uploads.admit(party_id=party.pk, size_bytes=len(content), at=at)
        document = uploads.keep(content, at=at, party_id=party.pk)
    year = india_day(at).year
    number = f"ISTP-{year % 100:02d}-{next_number(f'istp-{year}'):06d}"
    fields: dict[str, Any] = {name: value for name, value in vars(load).items() if name != "vehicle"}
    row = TransitPass(
        number=number,
        party=party,
        vehicle=vehicle,
        origin_key=writing_of(load.origin_number),
        checked_how=origin.how,
        checked_facts=plain(vars(origin.record)) if origin.record else {},
        document=document,
        fee_paise=fee_paise(load.quantity, load.unit, policy=book(), at=at),
        applied_at=at,
        applied_by=by.user_id,
        due_at=taken_until(load.origin_issued_at, load.origin_until, policy=book(), at=at),
        state_at=at,
        **fields,
    )
    row.demand = raise_demand(demand=_demand(row, at), by=by, at=at).number
    row.save(force_insert=True)
    return row


def _demand(row: TransitPass, at: datetime) -> NewDemand:
    value = book().at("IST-02", at)
    return NewDemand(
        party=row.party,
        subject=("istp", row.number),
        kind="fee",
        label=text("transit/demands", "fee", istp=row.number),
        amount_paise=row.fee_paise,
        cites=[{"code": "IST-02", "from_on": value.from_on, "cites": value.cites}],
        district=row.district,
        key=f"istp:{row.number}",
    )
