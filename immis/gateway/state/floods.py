"""Too much from one address or one device: counted, and folded into one event instead of a hundred (MOV-30).

Nobody is shut out by it for good and no byte is lost: a new hour begins a new count, and the raw log has everything.
"""

from dataclasses import asdict, dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from immis.gateway.protocols.packet import instant
from immis.gateway.state.events import NewEvent
from immis.gateway.tolerances import FLOOD_NAMES, FLOOD_QUIET_S, FLOOD_SOURCES
from immis.rules.movement.readings import Readings

BEGUN, ENDED = "gateway.flood", "gateway.flood_ended"
EVERYWHERE = "*"


@dataclass
class _Source:
    """What one address (or device) has brought in its running window, and the flood it is in."""

    since_s: float
    new_imeis: int = 0
    alerts: int = 0
    flood: dict[str, Any] | None = None


@dataclass
class Floods:
    """Counts by source; ``sources`` as a commit keeps them."""

    events: list[NewEvent]
    sources: dict[str, _Source] = field(default_factory=dict)
    _changed: bool = False

    @classmethod
    def from_kept(cls, events: list[NewEvent], kept: dict[str, dict[str, Any]]) -> "Floods":
        return cls(events, {name: _Source(**source) for name, source in kept.items()})

    def kept(self) -> dict[str, dict[str, dict[str, Any]]]:
        """What a commit must keep of it: nothing where nothing was counted since the last."""
        if not self._changed:
            return {}
        self._changed = False
        return {"floods": {name: asdict(source) for name, source in self.sources.items()}}

    def admits_device(self, imei: str, address: str, now_s: float, by: Readings) -> bool:
        """Whether a device that nobody fitted and that was never heard may be taken up."""
        if not address:
            return True
        near, all_ = self._source(source_of(address), now_s, by), self._source(EVERYWHERE, now_s, by)
        if near.new_imeis >= by.flood_new_imeis:
            self._fold(near, source_of(address), imei, "new_imeis", now_s, cap=by.flood_new_imeis)
            return False
        if all_.new_imeis >= by.flood_new_imeis_all:
            self._fold(all_, EVERYWHERE, imei, "new_imeis", now_s, cap=by.flood_new_imeis_all)
            return False
        near.new_imeis += 1
        all_.new_imeis += 1
        return True

    def admits_alert(self, imei: str, address: str, now_s: float, by: Readings, *, supported: bool) -> bool:
        """Whether an alert is told; ``supported`` where something about its link is the device's own."""
        own = self._source(imei, now_s, by)
        if own.alerts >= by.flood_alerts_device:
            self._fold(own, imei, imei, "alerts", now_s, cap=by.flood_alerts_device)
            return False
        own.alerts += 1
        if supported or not address:
            return True
        near = self._source(source_of(address), now_s, by)
        if near.alerts >= by.flood_alerts_address:
            self._fold(near, source_of(address), imei, "alerts", now_s, cap=by.flood_alerts_address)
            return False
        near.alerts += 1
        return True

    def end_quiet(self, now_s: float, by: Readings) -> bool:
        """Tell floods that have gone quiet with all they brought, and forget counts of windows gone by."""
        ended = False
        for name, source in list(self.sources.items()):
            flood = source.flood
            if flood and now_s - flood["last_s"] >= FLOOD_QUIET_S:
                self.events.append(NewEvent(ENDED, flood["imei"], "", now_s, now_s, _said(flood)))
                source.flood, ended = None, True
                self._changed = True
            if source.flood is None and now_s - source.since_s >= by.flood_window_s:
                del self.sources[name]
                self._changed = True
        return ended

    def _source(self, name: str, now_s: float, by: Readings) -> _Source:
        source, self._changed = self.sources.get(name), True
        if source is None:
            if len(self.sources) >= FLOOD_SOURCES:
                quiet = next(
                    (key for key, kept in self.sources.items() if kept.flood is None), next(iter(self.sources))
                )
                del self.sources[quiet]
            source = self.sources[name] = _Source(now_s)
        elif now_s - source.since_s >= by.flood_window_s:
            source.since_s, source.new_imeis, source.alerts = now_s, 0, 0
        return source

    def _fold(self, source: _Source, name: str, imei: str, what: str, now_s: float, *, cap: int) -> None:
        """Count what is over the cap; the first of it tells the flood."""
        flood = source.flood
        if flood is None:
            flood = source.flood = {
                "address": "" if name == imei else name, "imei": imei if name == imei else "", "since_s": now_s,
                "last_s": now_s, "cap": cap, "new_imeis": 0, "alerts": 0, "imeis": [],
            }  # fmt: skip
            flood[what] += 1
            flood["imeis"].append(imei)
            self.events.append(NewEvent(BEGUN, flood["imei"], "", now_s, now_s, _said(flood)))
            return
        flood[what] += 1
        flood["last_s"] = now_s
        if imei not in flood["imeis"] and len(flood["imeis"]) < FLOOD_NAMES:
            flood["imeis"].append(imei)


def source_of(address: str) -> str:
    """What counts as one source: an IPv4 address, or the 64 bits of IPv6 that one subscriber has."""
    result = ip_address(address)
    if result.version == 4:
        return str(result)
    return str(result.ipv4_mapped or ip_network((result, 64), strict=False))


def _said(flood: dict[str, Any]) -> dict[str, Any]:
    """How many and from where: what an event tells of a flood."""
    payload = {name: flood[name] for name in ("address", "cap", "new_imeis", "alerts", "imeis")}
    began = instant(flood["since_s"])
    source = flood["address"] or flood["imei"]
    return payload | {
        "episode": f"{source} {began}", "started_at": began, "last_at": instant(flood["last_s"]),
        "folded": flood["new_imeis"] + flood["alerts"], "late": False,
    }  # fmt: skip
