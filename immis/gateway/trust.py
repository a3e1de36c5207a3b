"""Whether a stream can be believed: cloned IMEIs, forged streams, dead antennas, frozen cells, impossible jumps.

No single sign proves anything: units jump, cells stay, links change. A signal is
raised when signs that a true device in a moving truck cannot show come together,
and it is told with what was seen. History raises none of them. Apart from jumps and
changes of link, a device is looked at once a minute of its own time.
"""

from typing import Any

from immis.gateway.device import DeviceState
from immis.gateway.protocols.packet import Packet
from immis.gateway.tolerances import (
    ANTENNA_CELLS,
    ANTENNA_S,
    CLONE_TURNS,
    CLONE_WITHIN_S,
    FORGED_SIGNS,
    FRAME_GAP,
    FROZEN_CELL_KM,
    JUMP_KM,
    JUMP_KMH,
    JUMPS_TOLD,
    JUMPS_WITHIN_S,
    LOOK_EVERY_S,
    LOOKS,
    SIGN_KM,
)
from immis.gateway.trips import distance_km

Found = list[tuple[str, str, dict[str, Any]]]


def look(state: DeviceState, packet: Packet, at_s: float, *, connection: int) -> Found:
    """Signals of one live packet in order, as (signal, grade, what was seen); moves what is remembered on."""
    found = _clone(state, packet, at_s, connection)
    found += _jumps(state, packet, at_s)
    if state.checked_s is None or at_s - state.checked_s >= LOOK_EVERY_S:
        state.checked_s = at_s
        found += _antenna(state, packet, at_s)
        _remember(state, packet, at_s)
        found += _signs(state)
    return found


def is_jump(lat0: float, lon0: float, at0_s: float, lat: float, lon: float, at_s: float) -> bool:
    """Whether no truck gets from one fix to the other in the time between."""
    km = distance_km(lat0, lon0, lat, lon)
    return km > JUMP_KM and km > JUMP_KMH * max(at_s - at0_s, 0.0) / 3600


def holds_back(state: DeviceState, lat: float, lon: float, at_s: float) -> bool:
    """Whether a fix is kept out of the live picture: an impossible jump that no second fix has confirmed."""
    if state.lat is None or state.lon is None or state.at_s is None:
        return False
    before = state.trust.pop("jump", None)
    if not is_jump(state.lat, state.lon, state.at_s, lat, lon, at_s):
        return False
    if before and at_s > before[2] and not is_jump(before[0], before[1], before[2], lat, lon, at_s):
        return False
    state.trust["jump"] = [lat, lon, at_s]
    return True


def _impossible(state: DeviceState, packet: Packet, at_s: float) -> bool:
    if None in (packet.lat, packet.lon, state.lat, state.lon, state.at_s):
        return False
    return is_jump(state.lat, state.lon, state.at_s, packet.lat, packet.lon, at_s)  # type: ignore[arg-type]


def _clone(state: DeviceState, packet: Packet, at_s: float, connection: int) -> Found:
    """One IMEI on two links whose tracks or packet numbers contradict each other, back and forth.

    A change of link alone is a reconnection; the same packets on two links are the second server address.
    """
    trust, before = state.trust, state.link
    last = trust.get("last_no")
    trust["last_no"] = packet.frame_no
    state.link = connection
    if before in (0, connection):
        return []
    gap = last is not None and packet.frame_no is not None and abs(packet.frame_no - last) > FRAME_GAP
    if not (gap or _impossible(state, packet, at_s)):
        return []
    turns = [turn for turn in trust.get("turns", []) if at_s - turn[0] <= CLONE_WITHIN_S]
    turns.append([at_s, before, connection])
    trust["turns"] = turns[-10:]
    links = {turn[1] for turn in turns} & {turn[2] for turn in turns}
    if len(turns) < CLONE_TURNS or not links:
        return []
    seen = {"turns": len(turns), "links": len({turn[2] for turn in turns}), "frame_numbers": [last, packet.frame_no]}
    return [("cloned", "strong", seen)]


def _jumps(state: DeviceState, packet: Packet, at_s: float) -> Found:
    """Impossible jumps again and again on one link."""
    if not _impossible(state, packet, at_s) or len(state.trust.get("turns", ())) >= CLONE_TURNS:
        return []
    jumps = [at for at in state.trust.get("jumps", []) if at_s - at <= JUMPS_WITHIN_S] + [at_s]
    state.trust["jumps"] = jumps[-20:]
    return [("jumped", "suspect", {"jumps": len(jumps)})] if len(jumps) >= JUMPS_TOLD else []


def _antenna(state: DeviceState, packet: Packet, at_s: float) -> Found:
    """No fix for long, though the engine runs and the network cells go by: longer than any tunnel."""
    trust = state.trust
    if packet.fix or not packet.ignition:
        trust.pop("blind", None)
        return []
    blind = trust.setdefault("blind", {"since": at_s, "cells": []})
    if packet.cell and packet.cell not in blind["cells"]:
        blind["cells"] = [*blind["cells"], packet.cell][-20:]
    took = at_s - blind["since"]
    if took < ANTENNA_S or len(blind["cells"]) < ANTENNA_CELLS:
        return []
    return [("antenna_cut", "strong", {"without_fix_s": round(took), "cells": len(blind["cells"])})]


def _remember(state: DeviceState, packet: Packet, at_s: float) -> None:
    if packet.lat is None or packet.lon is None:
        return
    look_ = [
        at_s, packet.lat, packet.lon, packet.frame_no, packet.cell, packet.satellites, packet.hdop, packet.speed_kmh,
        packet.vendor, "checksum_mismatch" in packet.problems,
    ]  # fmt: skip
    since = state.trust.get("cell")
    if since is None or since[0] != packet.cell:
        state.trust["cell"] = [packet.cell, packet.lat, packet.lon]
    state.trust["looks"] = [*state.trust.get("looks", []), look_][-LOOKS:]


def _signs(state: DeviceState) -> Found:
    """What a true receiver in a moving truck cannot show for ten minutes together."""
    looks = state.trust.get("looks", [])
    if len(looks) < LOOKS:
        return []
    steps = zip(looks, looks[1:], strict=False)
    km = sum(distance_km(a[1], a[2], b[1], b[2]) for a, b in steps)
    if km < SIGN_KM:
        return []
    _, _, _, numbers, _, satellites, hdops, speeds, vendors, wrong = (list(x) for x in zip(*looks, strict=True))
    told = [number for number in numbers if number is not None]
    signs = {
        "frame_number_not_rising": len(told) == LOOKS and sum(b <= a for a, b in zip(told, told[1:], strict=False)) > 2,
        "cell_frozen": _cell_km(state, looks[-1]) >= FROZEN_CELL_KM,
        "satellites_fixed": satellites[0] is not None and len(set(satellites)) == 1 and len(set(hdops)) == 1,
        "speed_fixed": bool(speeds[0]) and len(set(speeds)) == 1,
        "vendors_many": len(set(vendors)) > 2,
        "checksums_wrong": sum(wrong) >= LOOKS - 2,
        "never_logged_in": not state.trust.get("login"),
    }
    shown = sorted(sign for sign, is_shown in signs.items() if is_shown)
    seen = {"signs": shown, "km": round(km, 1), "minutes": round((looks[-1][0] - looks[0][0]) / 60)}
    if len(shown) >= FORGED_SIGNS:
        return [("forged", "strong", seen)]
    return [("frozen_cell", "suspect", seen)] if "cell_frozen" in shown else []


def _cell_km(state: DeviceState, newest: list[Any]) -> float:
    """How far the truck has come since the network cell last changed."""
    cell, lat, lon = state.trust["cell"]
    return distance_km(lat, lon, newest[1], newest[2]) if cell else 0.0
