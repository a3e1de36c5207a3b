"""How the packets of a device are read: what counts as a crossing, as history, as a sign of tampering.

The figures stand in ``policy/movement`` (MOV-20…MOV-28, MOV-30); the office hands them to the gateway in its snapshot.
"""

from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any

from immis.rules.policy import POLICY_DIR, PolicyBook, read_entry

#: The codes of the rule book that the figures come from.
CODES = (*(f"MOV-{number}" for number in range(20, 29)), "MOV-30")


@dataclass(frozen=True, slots=True)
class Readings:
    """Figures by which the gateway judges packets; units in the names (metres, seconds, km/h, volts).

    Their clauses, our readings and who may settle them stand with the codes of ``CODES``.
    """

    leave_margin_m: float
    confirm_fixes: int
    late_after_s: float
    standstill_m: float
    moving_kmh: float
    moved_within_s: float
    episode_s: float
    low_voltage_v: float
    low_voltage_s: float
    antenna_s: float
    antenna_cells: int
    clone_turns: int
    clone_within_s: float
    frame_gap: int
    jump_km: float
    jump_kmh: float
    jumps_told: int
    jumps_within_s: float
    forged_signs: int
    sign_km: float
    frozen_cell_km: float
    earned_s: float
    flood_window_s: float
    flood_new_imeis: int
    flood_new_imeis_all: int
    flood_alerts_address: int
    flood_alerts_device: int

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Readings":
        """Out of plain data; KeyError, TypeError or ValueError where a figure is missing or none.

        Names it does not know are left out, so that an older gateway takes a newer snapshot.
        """
        kept: dict[str, Any] = {
            field.name: (int if field.type is int else float)(said[field.name]) for field in fields(cls)
        }
        return cls(**kept)


def readings_at(policy: PolicyBook, on: date) -> Readings:
    """The figures in force on a day. Raises NotInForce before the first of them."""
    payload: dict[str, Any] = {}
    for code in CODES:
        payload |= policy.value(code, on)
    return Readings.of(payload)


@lru_cache(8)
def shipped_readings(on: date) -> Readings:
    """The figures of the shipped rule book, for a gateway to which no office has said any (benches, trials)."""
    folder = POLICY_DIR / "movement"
    return readings_at(PolicyBook({code: read_entry(folder / f"{code}.yaml") for code in CODES}), on)
