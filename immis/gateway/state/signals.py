"""Tamper evidence, power and emergency: edges and events, one episode a cause (specification section 7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from immis.gateway.protocols.packet import Packet
from immis.gateway.state.device import DeviceState
from immis.gateway.state.trust import look
from immis.rules.movement.readings import Readings

_TAMPER_TYPES = ("TA", "DT", "WD")
_ALERT_SIGNALS = {9: "cover_opened", 16: "emergency_wire_cut"}
_SUSPECT_ALERTS = {12: "settings_changed", 22: "tilted", 24: "tilted"}


@dataclass(slots=True, eq=False)
class Reception:
    """How a record came: at which corrected device time, in order or behind others, late or live, over which link.

    ``link`` is what is known of the link (``advance``); ``in_service`` whether a service of the device is announced.
    """

    at_s: float
    in_order: bool
    late: bool
    connection: int = 0
    in_service: bool = False
    link: Mapping[str, bool] = field(default_factory=dict)


def read_signals(
    state: DeviceState, packet: Packet, reception: Reception, by: Readings
) -> list[tuple[str, dict[str, Any]]]:
    """Events of one packet as (kind, payload), and the flags of ``state`` moved on.

    Type and alert ID are events; flags are state, and only their edges count,
    in the order of device time. Stored alerts are valid evidence, marked late. In an
    announced service of the device its signals are told as such and are no tampering. Where nobody fitted the device
    nothing that it says is strong.
    """
    at_s, in_order, late, link = reception.at_s, reception.in_order, reception.late, reception.link
    weakest = "suspect" if link.get("fitted") is False else ""
    alert_signals = _alert_signals(packet)
    news: list[tuple[str, dict[str, Any]]] = []
    if in_order:
        alert_signals += _edge_signals(state, packet, at_s, by)
        news += _power(state, packet, alert_signals, at_s, by)
    elif packet.alert == 3 and _opens_episode(state, "power_cut/stored", at_s, by):
        news.append(("device.power_cut", {}))
    kind = "device.serviced" if reception.in_service else "device.tamper"
    alert_signals = [(s, weakest or g) for s, g in alert_signals]
    news += [(kind, {"signal": s, "grade": g}) for s, g in alert_signals if _opens_episode(state, f"{s}/{g}", at_s, by)]
    if in_order and not late:
        for s, grade, seen in look(state, packet, at_s, by, connection=reception.connection):
            g = weakest or grade
            if _opens_episode(state, f"{s}/{g}", at_s, by):
                news.append((kind, {"signal": s, "grade": g, "seen": seen}))
    news += _emergency(state, packet, at_s, by)
    if in_order:
        _remember(state, packet, at_s, by)
    for _, payload in news:
        payload["late"] = late
        payload["evidence"] = evidence(state, packet) | {"link": dict(link)}
    return news


def evidence(state: DeviceState, packet: Packet) -> dict[str, Any]:
    """What was seen: the frame as sent, and where and how the vehicle was."""
    return {
        "raw": packet.shown,
        "lat": packet.lat if packet.lat is not None else state.lat,
        "lon": packet.lon if packet.lon is not None else state.lon,
        "fix": bool(packet.fix),
        "speed_kmh": packet.speed_kmh,
        "ignition": packet.ignition,
        "main_power": packet.main_power,
        "main_voltage": packet.main_voltage,
        "cover": packet.cover,
        "type": packet.type_code,
        "alert": packet.alert,
        "problems": list(packet.problems),
    }


def _alert_signals(packet: Packet) -> list[tuple[str, str]]:
    """Signals that type and alert ID declare; an ID that its own type denies is only a suspicion."""
    signal = _ALERT_SIGNALS.get(packet.alert or 0)
    if signal:
        return [(signal, "suspect" if packet.type_code == "NR" else "strong")]
    if packet.type_code in _TAMPER_TYPES:
        return [("emergency_wire_cut" if packet.type_code == "WD" else "cover_opened", "strong")]
    signal = _SUSPECT_ALERTS.get(packet.alert or 0)
    return [(signal, "suspect")] if signal else []


def _edge_signals(state: DeviceState, packet: Packet, at_s: float, by: Readings) -> list[tuple[str, str]]:
    """The cover going from closed to open, and the supply falling away under a live connection."""
    results = []
    if state.cover == "C" and packet.cover == "O":
        results.append(("cover_opened", "strong"))
    if _stays_low(state, packet, at_s, by):
        results.append(("voltage_fell", "suspect"))
    return results


def _stays_low(state: DeviceState, packet: Packet, at_s: float, by: Readings) -> bool:
    """Whether the supply fell and has now been low for longer than a start of the engine takes."""
    now = packet.main_voltage
    if now is None or not packet.main_power or now >= by.low_voltage_v:
        state.low_s = None
        return False
    if state.low_s is None:
        fell = state.main_voltage is not None and state.main_voltage >= by.low_voltage_v
        state.low_s = at_s if fell else state.low_s
        return False
    if at_s - state.low_s < by.low_voltage_s:
        return False
    state.low_s = float("inf")  # told; the next fall begins anew
    return True


def _power(
    state: DeviceState, packet: Packet, found: list[tuple[str, str]], at_s: float, by: Readings
) -> list[tuple[str, dict[str, Any]]]:
    """Cut and return of the main supply; a cut under ignition or on the move is also suspect."""
    cut = packet.alert == 3 or (state.main_power is True and packet.main_power is False)
    back = packet.alert == 6 or (packet.main_power is True and packet.alert != 3)
    if cut and not state.power_out:
        state.power_out = True
        moved = state.moved_s is not None and at_s - state.moved_s <= by.moved_within_s
        if state.ignition or packet.ignition or moved or (packet.speed_kmh or 0) >= by.moving_kmh:
            found.append(("power_cut", "suspect"))
        return [("device.power_cut", {})]
    if back and state.power_out:
        state.power_out = False
        return [("device.power_restored", {})]
    return []


def _opens_episode(state: DeviceState, cause: str, at_s: float, by: Readings) -> bool:
    """Whether a signal of one grade begins a new episode of its cause, or repeats the running one."""
    last = state.episodes.get(cause)
    state.episodes[cause] = at_s if last is None else max(at_s, last)
    return last is None or abs(at_s - last) > by.episode_s


def close_episodes(state: DeviceState, at_s: float, by: Readings) -> None:
    """Forget episodes whose cause has been quiet long enough."""
    if state.episodes:
        state.episodes = {signal: last for signal, last in state.episodes.items() if at_s - last <= by.episode_s}


def _emergency(state: DeviceState, packet: Packet, at_s: float, by: Readings) -> list[tuple[str, dict[str, Any]]]:
    """The latched button: told once until it is released, however often the device repeats it."""
    pressed = packet.alert == 10 and packet.type_code in ("EMR", "EA", "")
    released = packet.alert == 11
    if not (pressed or released) or (state.emergency_s is not None and at_s < state.emergency_s):
        return []
    running = state.emergency and state.emergency_s is not None and at_s - state.emergency_s <= by.episode_s
    state.emergency_s, state.emergency = at_s, pressed
    return [("device.emergency", {"word": packet.type_code})] if pressed and not running else []


def _remember(state: DeviceState, packet: Packet, at_s: float, by: Readings) -> None:
    for name in ("ignition", "main_power", "main_voltage"):
        value = getattr(packet, name)
        if value is not None:
            setattr(state, name, value)
    if packet.cover in ("C", "O"):
        state.cover = packet.cover
    if (packet.speed_kmh or 0) >= by.moving_kmh:
        state.moved_s = at_s
