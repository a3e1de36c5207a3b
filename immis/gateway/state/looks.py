"""What is remembered of a device's stream once a minute, and the signs that ten such looks show together."""

from typing import Any

import numpy

from immis.gateway.protocols.digits import Array
from immis.gateway.state.motion import distances_km
from immis.gateway.tolerances import LOOKS
from immis.rules.movement.readings import Readings

LOOK = numpy.dtype(
    [
        ("at_s", "<f8"), ("lat", "<f8"), ("lon", "<f8"), ("cell", "<u8"), ("vendor", "<u8"), ("frame_no", "<i8"),
        ("satellites", "<f4"), ("hdop", "<f4"), ("speed", "<f4"), ("wrong", "<f4"),
    ]
)  # fmt: skip
SIGNS = (
    "cell_frozen", "checksums_wrong", "frame_number_not_rising", "never_logged_in", "satellites_fixed", "speed_fixed",
    "vendors_many",
)  # fmt: skip


def no_looks(devices: int) -> Array:
    """Rows of looks not yet taken, oldest first."""
    rows: Array = numpy.zeros((devices, LOOKS), dtype=LOOK)
    rows["at_s"] = numpy.nan
    return rows


def with_look(rows: Array, new: Array) -> Array:
    """Rows of looks with one more each, the oldest forgotten."""
    return numpy.concatenate([rows[:, 1:], new[:, None]], axis=1)


def signs(rows: Array, *, cell_lat: Array, cell_lon: Array, logged_in: Array, by: Readings) -> tuple[Array, Array]:
    """What a true receiver in a moving truck cannot show for ten minutes together: one column a sign of ``SIGNS``.

    Also the way in km. Where looks are missing or the way is short, there are no signs. ``cell_lat`` and
    ``cell_lon`` are where the network cell last changed.
    """
    frame_no = rows["frame_no"]
    km = distances_km(rows["lat"][:, :-1], rows["lon"][:, :-1], rows["lat"][:, 1:], rows["lon"][:, 1:]).sum(axis=1)
    newest = rows[:, -1]
    cell_km = distances_km(cell_lat, cell_lon, newest["lat"], newest["lon"])
    vendors = numpy.sort(rows["vendor"], axis=1)
    arrays: dict[str, Array] = {
        "frame_number_not_rising": (frame_no >= 0).all(axis=1)
        & ((frame_no[:, 1:] <= frame_no[:, :-1]).sum(axis=1) > 2),
        "cell_frozen": (newest["cell"] != 0) & (cell_km >= by.frozen_cell_km),
        "satellites_fixed": ~numpy.isnan(rows["satellites"][:, 0]) & _same(rows["satellites"]) & _same(rows["hdop"]),
        "speed_fixed": (rows["speed"][:, 0] > 0) & _same(rows["speed"]),
        "vendors_many": (vendors[:, 1:] != vendors[:, :-1]).sum(axis=1) > 1,
        "checksums_wrong": rows["wrong"].sum(axis=1) >= LOOKS - 2,
        "never_logged_in": ~logged_in,
    }
    shown = numpy.stack([arrays[name] for name in SIGNS], axis=1)
    return shown & ~(numpy.isnan(rows["at_s"][:, :1]) | (km < by.sign_km)[:, None]), km


def _same(values: Any) -> Array:
    first = values[:, :1]
    same: Array = ((values == first) | (numpy.isnan(values) & numpy.isnan(first))).all(axis=1)
    return same
