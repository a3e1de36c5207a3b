"""Whether a stream can be believed: cloned IMEIs, forged streams, dead antennas, frozen cells, impossible jumps.

No single sign proves anything: units jump, cells stay, links change. A signal is
raised when signs that a true device in a moving truck cannot show come together,
and it is told with what was seen. History raises none of them. Apart from jumps and
changes of link, a device is looked at once a minute of its own time.
"""

from typing import Any

import numpy

from immis.gateway.protocols.digits import hash_of
from immis.gateway.protocols.packet import Packet
from immis.gateway.state.device import DeviceState
from immis.gateway.state.looks import LOOK, SIGNS, no_looks, signs, with_look
from immis.gateway.state.motion import is_jump
from immis.gateway.tolerances import LOOK_EVERY_S
from immis.rules.movement.readings import Readings

Found = list[tuple[str, str, dict[str, Any]]]
LOOKED = frozenset({"cloned", "jumped", "antenna_cut", "forged", "frozen_cell"})  # signals that only live streams show


def look(state: DeviceState, packet: Packet, at_s: float, by: Readings, *, connection: int) -> Found:
    """Signals of one live packet in order, as (signal, grade, what was seen); moves what is remembered on."""
    clone = _clone(state, packet, at_s, connection, by)
    clone += _jumps(state, packet, at_s, by)
    if state.checked_s is None or at_s - state.checked_s >= LOOK_EVERY_S:
        state.checked_s = at_s
        clone += _antenna(state, packet, at_s, by)
        _remember(state, packet, at_s)
        clone += _signs(state, by)
    return clone


def standing(
    state: DeviceState, packet: Packet, at_s: float, by: Readings, *, received_s: float, connection: int
) -> dict[str, bool]:
    """Whether a live packet goes on where the device's own stream was, by frame number and by place (MOV-30).

    Anybody may send with a device's IMEI; what nobody else knows is where its numbers and its way have come to. A
    stream that breaks off from it on another link counts as the device's own only when it has gone on unbroken for
    ``earned_s``, and a packet that takes up the old one again brings that back. What cannot be known is left out.
    """
    own = state.trust.setdefault("own", [received_s + by.earned_s] * 2)
    frames, near = (
        _follows(state.last_no, packet.frame_no, by),
        _is_near(state.lat, state.lon, state.at_s, packet, at_s, by),
    )
    if state.link not in (0, connection):
        lost = state.trust.get("lost")
        if (
            lost
            and _follows(lost[0], packet.frame_no, by)
            and _is_near(lost[1], lost[2], lost[3], packet, at_s, by) is not False
        ):
            own, frames, near = lost[4], True, True
            del state.trust["lost"]
        elif frames is False or near is False:
            if not lost:
                state.trust["lost"] = [state.last_no, state.lat, state.lon, state.at_s, own]
            anew = received_s + by.earned_s
            own = [anew if frames is False else own[0], anew if near is False else own[1]]
        state.trust["own"] = own
    elif "lost" in state.trust and received_s >= max(own):
        del state.trust["lost"]
    known = {"continuous_frames": (frames, own[0]), "continuous_place": (near, own[1])}
    return {name: so and received_s >= earned for name, (so, earned) in known.items() if so is not None}


def _follows(last_no: int | None, frame_no: int | None, by: Readings) -> bool | None:
    """Whether a frame number is one of the next behind another; they begin anew behind 999999."""
    if last_no is None or frame_no is None:
        return None
    return 0 <= (frame_no - last_no) % 1_000_000 <= by.frame_gap


def _is_near(
    lat: float | None, lon: float | None, before_s: float | None, packet: Packet, at_s: float, by: Readings
) -> bool | None:
    if lat is None or lon is None or before_s is None or packet.lat is None or packet.lon is None:
        return None
    return not is_jump(lat, lon, before_s, packet.lat, packet.lon, at_s, by)


def holds_back(state: DeviceState, lat: float, lon: float, at_s: float, by: Readings) -> bool:
    """Whether a fix is kept out of the live picture: an impossible jump that no second fix has confirmed."""
    if state.lat is None or state.lon is None or state.at_s is None:
        return False
    before = state.trust.pop("jump", None)
    if not is_jump(state.lat, state.lon, state.at_s, lat, lon, at_s, by):
        return False
    if before and at_s > before[2] and not is_jump(before[0], before[1], before[2], lat, lon, at_s, by):
        return False
    state.trust["jump"] = [lat, lon, at_s]
    return True


def _impossible(state: DeviceState, packet: Packet, at_s: float, by: Readings) -> bool:
    if None in (packet.lat, packet.lon, state.lat, state.lon, state.at_s):
        return False
    return is_jump(state.lat, state.lon, state.at_s, packet.lat, packet.lon, at_s, by)  # type: ignore[arg-type]


def _clone(state: DeviceState, packet: Packet, at_s: float, connection: int, by: Readings) -> Found:
    """One IMEI on two links whose tracks or packet numbers contradict each other, back and forth.

    A change of link alone is a reconnection; the same packets on two links are the second server address.
    """
    trust, before, last = state.trust, state.link, state.last_no
    state.last_no, state.link = packet.frame_no, connection
    if before in (0, connection):
        return []
    gap = last is not None and packet.frame_no is not None and abs(packet.frame_no - last) > by.frame_gap
    if not (gap or _impossible(state, packet, at_s, by)):
        return []
    turns = [turn for turn in trust.get("turns", []) if at_s - turn[0] <= by.clone_within_s]
    turns.append([at_s, before, connection])
    trust["turns"] = turns[-10:]
    links = {turn[1] for turn in turns} & {turn[2] for turn in turns}
    if len(turns) < by.clone_turns or not links:
        return []
    seen = {"turns": len(turns), "links": len({turn[2] for turn in turns}), "frame_numbers": [last, packet.frame_no]}
    return [("cloned", "strong", seen)]


def _jumps(state: DeviceState, packet: Packet, at_s: float, by: Readings) -> Found:
    """Impossible jumps again and again on one link."""
    if not _impossible(state, packet, at_s, by) or len(state.trust.get("turns", ())) >= by.clone_turns:
        return []
    jumps = [at for at in state.trust.get("jumps", []) if at_s - at <= by.jumps_within_s] + [at_s]
    state.trust["jumps"] = jumps[-20:]
    return [("jumped", "suspect", {"jumps": len(jumps)})] if len(jumps) >= by.jumps_told else []


def _antenna(state: DeviceState, packet: Packet, at_s: float, by: Readings) -> Found:
    """No fix for long, though the engine runs and the network cells go by: longer than any tunnel."""
    trust = state.trust
    if packet.fix or not packet.ignition:
        trust.pop("blind", None)
        return []
    blind = trust.setdefault("blind", {"since": at_s, "cells": []})
    if packet.cell and packet.cell not in blind["cells"]:
        blind["cells"] = [*blind["cells"], packet.cell][-20:]
    took = at_s - blind["since"]
    if took < by.antenna_s or len(blind["cells"]) < by.antenna_cells:
        return []
    return [("antenna_cut", "strong", {"without_fix_s": round(took), "cells": len(blind["cells"])})]


def _remember(state: DeviceState, packet: Packet, at_s: float) -> None:
    if packet.lat is None or packet.lon is None:
        return
    none = numpy.nan
    cell = hash_of(packet.cell.replace("-", ",").encode("latin-1", "replace"))
    look_ = (
        at_s, packet.lat, packet.lon, cell, hash_of(packet.vendor.encode("latin-1", "replace")),
        -1 if packet.frame_no is None else packet.frame_no, none if packet.satellites is None else packet.satellites,
        none if packet.hdop is None else packet.hdop, none if packet.speed_kmh is None else packet.speed_kmh,
        "checksum_mismatch" in packet.problems,
    )  # fmt: skip
    if state.cell is None or state.cell[0] != cell:
        state.cell = (cell, packet.lat, packet.lon)
    before = no_looks(1) if state.looks is None else state.looks[None]
    state.looks, state.looks_changed = with_look(before, numpy.array([look_], dtype=LOOK))[0], True


def _signs(state: DeviceState, by: Readings) -> Found:
    """What a true receiver in a moving truck cannot show for ten minutes together."""
    if state.looks is None or state.cell is None or numpy.isnan(state.looks["at_s"][0]):
        return []
    row = numpy.array
    result, km = signs(
        state.looks[None], cell_lat=row([state.cell[1]]), cell_lon=row([state.cell[2]]),
        logged_in=row([state.logged_in]), by=by,
    )  # fmt: skip
    shown = [sign for sign, is_shown in zip(SIGNS, result[0].tolist(), strict=True) if is_shown]
    minutes = round(float(state.looks["at_s"][-1] - state.looks["at_s"][0]) / 60)
    seen = {"signs": shown, "km": round(float(km[0]), 1), "minutes": minutes}
    if len(shown) >= by.forged_signs:
        return [("forged", "strong", seen)]
    return [("frozen_cell", "suspect", seen)] if "cell_frozen" in shown else []
