"""What an officer finds himself: a case with his evidence, and what its penalty is reckoned of (E-164, E-165)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.services import log_action
from immis.enforcement.gates import computation_of, measuring_of
from immis.enforcement.models import Case
from immis.enforcement.services.cases import open_case
from immis.enforcement.services.steps import locked_case
from immis.enforcement.services.tasks import may_decide, require
from immis.leases.selectors import lease_of
from immis.registry.selectors import vehicle_of


@dataclass(frozen=True)
class Found:
    """What was found: the offence, of which vehicle or settlement, when, where, in words, and the picture or paper."""

    offence: str
    found: str
    seen_at: datetime
    document: str
    registration: str = ""
    lease: str = ""
    lat: Decimal | None = None
    lon: Decimal | None = None


@transaction.atomic
def open_found_case(found: Found, *, by: Actor, at: datetime) -> Case:
    """Open a case of what an officer found. Raises NotFound for an unknown settlement, NotPermitted elsewhere."""
    lease = lease_of(found.lease, by) if found.lease else None
    vehicle = vehicle_of(found.registration) if found.registration else None
    district = lease.district if lease else by.district
    may_decide(by, district)
    facts: dict[str, Any] = {
        "district": district,
        "registration": vehicle.registration if vehicle else "",
        "owner_id": vehicle.owner_id if vehicle else None,
        "lease": lease.number if lease else "",
        "party_id": lease.party_id if lease else None,
        "seen_at": found.seen_at,
        "lat": None if found.lat is None else float(found.lat),
        "lon": None if found.lon is None else float(found.lon),
        "found": found.found,
        "document": found.document,
    }
    case = open_case(offence=found.offence, trigger_code="", facts=facts, penalty_paise=0, by=by, at=at)
    return _reckoned(case)


def _reckoned(case: Case) -> Case:
    """The case with the penalty that its facts give."""
    case.proposed_paise = computation_of(case).total_paise
    case.save()
    return case


@dataclass(frozen=True)
class Measurement:
    """The class of vehicle, the mineral that was taken or carried, its river, and what else is to be added."""

    vehicle: str = ""
    quantity_m3: Decimal | None = None
    river: str = ""
    add_ons: Sequence[str] = ()


@transaction.atomic
def measure_case(case: Case, *, measured: Measurement, by: Actor, at: datetime) -> Case:
    """Enter what the penalty of a case is reckoned of; its proposal follows.

    Raises NotPermitted elsewhere, Refusal (CAS-06 after the order, CAS-61 where the table asks for nothing).
    """
    row = locked_case(case, "measure", by=by, at=at)
    require(on="case.measure", facts=measuring_of(row, by, at), at=at)
    row.measured = {
        "vehicle": measured.vehicle,
        "quantity_m3": None if measured.quantity_m3 is None else str(measured.quantity_m3),
        "river": measured.river,
        "add_ons": list(measured.add_ons),
    }
    row = _reckoned(row)
    facts = {**row.measured, "proposed_paise": row.proposed_paise}
    log_action("case.measured", subject=("case", row.number), by=by, at=at, facts=facts)
    return row
