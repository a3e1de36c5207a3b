"""A vehicle to which no rule of issue objects: class, weights and papers, as its certificate has them."""

from datetime import date
from typing import Any

_UNTIL = date(2029, 12, 31)
#: The papers of a vehicle, all in force until the end of 2029.
PAPERS: dict[str, date] = {
    name: _UNTIL for name in ("fitness_until", "permit_until", "insurance_until", "pollution_until")
}
#: A lorry of the register that may carry sand.
LORRY: dict[str, Any] = {"vehicle_class": "Goods Carrier", **PAPERS}
#: One of four axles that bears 16 m³ of it.
BIG_LORRY: dict[str, Any] = {**LORRY, "wheels": 14, "unladen_kg": 12_000, "gross_kg": 42_000}
