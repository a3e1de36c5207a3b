"""What the office asks of VAHAN, in its own words, and how a record of theirs is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from immis.adapters.vahan.reading import day, kilograms, text_of


class VahanUnreachable(Exception):
    """It did not answer, or not with what it promises: ask again later, or enter by hand."""


class VehicleUnknown(Exception):
    """It answered, and knows no such vehicle."""


@dataclass(frozen=True)
class VehicleRecord:
    """A vehicle as VAHAN has it; weights in kilograms, None or empty where it says nothing.

    Fields are unverified: they come from clients of third parties.
    """

    registration: str
    status: str
    vehicle_class: str
    category: str
    body: str
    owner_name: str
    unladen_kg: int | None
    gross_kg: int | None
    combination_kg: int | None
    registered_until: date | None
    fitness_until: date | None
    permit_no: str
    permit_until: date | None
    insurance_no: str
    insurance_until: date | None
    pollution_no: str
    pollution_until: date | None
    blacklisted: bool


class Vahan(Protocol):
    """The register of vehicles."""

    def vehicle(self, registration: str) -> VehicleRecord:
        """What it has of a vehicle. Raises VehicleUnknown, VahanUnreachable."""


def read_vehicle(answer: Mapping[str, Any]) -> VehicleRecord | None:
    """An answer as a vehicle; None where it names no mark."""
    mark = text_of(answer, "rc_regn_no", "reg_no", "regn_no")
    if not mark:
        return None
    return VehicleRecord(
        registration="".join(mark.split()).replace("-", "").upper(),
        status=text_of(answer, "rc_status", "status").upper(),
        vehicle_class=text_of(answer, "rc_vh_class_desc", "rc_vh_class")[:60],
        category=text_of(answer, "rc_vch_catg"),
        body=text_of(answer, "rc_body_type_desc")[:60],
        owner_name=text_of(answer, "rc_owner_name"),
        unladen_kg=kilograms(answer, "rc_unld_wt"),
        gross_kg=kilograms(answer, "rc_gvw"),
        combination_kg=kilograms(answer, "rc_gcw"),
        registered_until=day(answer, "rc_regn_upto", "rc_expiry_date"),
        fitness_until=day(answer, "rc_fit_upto"),
        permit_no=text_of(answer, "rc_permit_no")[:40],
        permit_until=day(answer, "rc_permit_valid_upto", "rc_np_upto"),
        insurance_no=text_of(answer, "rc_insurance_policy_no")[:40],
        insurance_until=day(answer, "rc_insurance_upto"),
        pollution_no=text_of(answer, "rc_pucc_no")[:40],
        pollution_until=day(answer, "rc_pucc_upto"),
        blacklisted=text_of(answer, "rc_blacklist_status").upper() in ("Y", "YES", "BLACKLISTED"),
    )
