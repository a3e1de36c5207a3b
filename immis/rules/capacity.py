"""What machines a load needs: growth, headroom and costs make cores, memory and storage (CAP-01)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

_DAYS, _HOUR_S, _MINUTES = 365, 3600, 1440
_GB = 10**9


@dataclass(frozen=True)
class Load:
    """The load of an installation: e-challans of its busiest day, devices that report, and what is stored by now."""

    challans_a_day: int
    devices: int
    records_gb: float
    positions_gb: float
    files_gb: float


@dataclass(frozen=True)
class Year:
    """One year of a proposal: the load as it has grown, and what it needs."""

    year: int
    challans_a_day: int
    devices: int
    cores: int
    memory_gb: int
    storage_gb: int


@dataclass(frozen=True)
class Option:
    """One way to stand: machines with cores, memory and storage each, and the share of the year that it answers."""

    code: str
    machines: int
    cores: int
    memory_gb: int
    storage_gb: int
    available_percent: str


def grown(amount: float, percent: float, years: int) -> float:
    """An amount after some years of growth."""
    return amount * (1 + percent / 100) ** years


def years_of(load: Load, terms: Mapping[str, Any]) -> list[Year]:
    """What each year needs, this one first (CAP-01)."""
    growth, kept, rows = terms["growth_percent"], load.records_gb + load.positions_gb, []
    for year in range(int(terms["years"]) + 1):
        challans = ceil(grown(load.challans_a_day, growth["challans"], year))
        devices = ceil(grown(load.devices, growth["devices"], year))
        kept += _stored_a_year(challans, devices, terms)
        stored = (kept + grown(load.files_gb, growth["files"], year)) * int(terms["copies"])
        cores = _cores(challans, devices, terms)
        rows.append(Year(year, challans, devices, cores, cores * int(terms["memory_gb_a_core"]), ceil(stored)))
    return rows


def _cores(challans: int, devices: int, terms: Mapping[str, Any]) -> int:
    """Cores so that the busiest hour uses at most its share of them."""
    hour = challans * int(terms["busiest_hour_percent"]) / 100
    busy = hour / _HOUR_S * int(terms["challan_cpu_ms"]) / 1000
    busy += devices * int(terms["packets_a_minute"]) / 60 * int(terms["packet_cpu_us"]) / 10**6
    return max(int(terms["least_cores"]), ceil(busy * 100 / int(terms["used_at_most_percent"])))


def _stored_a_year(challans: int, devices: int, terms: Mapping[str, Any]) -> float:
    packets = devices * int(terms["packets_a_minute"]) * _MINUTES
    a_day = packets * int(terms["packet_bytes"]) + challans * int(terms["challan_bytes"])
    return a_day * _DAYS / _GB


def options_of(rows: list[Year], terms: Mapping[str, Any]) -> list[Option]:
    """Three ways to stand for the last year: one machine, a second that takes over, three that share."""
    last, least = rows[-1], int(terms["least_cores"])
    available: Mapping[str, str] = terms["available_percent"]
    options = []
    for code, machines, share in (("one", 1, 1), ("standby", 2, 1), ("three", 3, 2)):
        cores = max(least, ceil(last.cores / share))
        memory = cores * int(terms["memory_gb_a_core"])
        options.append(Option(code, machines, cores, memory, last.storage_gb, str(available[code])))
    return options
