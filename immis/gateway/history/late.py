"""History that came late, worked in beside the live work: what is asked, and what is made of the answer.

While a device's whole way is gone over again elsewhere (``aside``), its live packets go on moving it here, and are
remembered; when the answer comes they follow on the state in which the track leaves the device.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from immis.gateway.history.amend import Followed, follow_on, take_over
from immis.gateway.state.device import DeviceState
from immis.gateway.state.events import NewEvent
from immis.gateway.state.fleet import Fleet
from immis.gateway.store.snapshot import SnapshotReader
from immis.gateway.tolerances import AMEND_AFTER_S, AMEND_HERE_S

Said = dict[str, Any]


@dataclass
class _UnderWay:
    """A device whose history is being worked in: until when, and what it has sent meanwhile."""

    state: DeviceState
    last_s: float
    since: list[Followed] = field(default_factory=list)
    told_from_s: float | None = None


class LateWork:
    """The devices whose history waits or is being worked in; some at a time."""

    def __init__(self, fleet: Fleet, snapshot: SnapshotReader, events: list[NewEvent]) -> None:
        self._fleet, self._snapshot, self._events = fleet, snapshot, events
        self._under_way: dict[str, _UnderWay] = {}

    def due(self, now_s: float, *, rate: float, far: bool) -> list[DeviceState]:
        """Devices of which no history has come for a while, the longest waiting first; ``far``: of more than hours.

        Only where nothing far is under way are further ones of that kind given.
        """
        if far and self._under_way:
            return []
        waiting = self._fleet.due_for_amendment(now_s - AMEND_AFTER_S * rate)
        return [state for state in waiting if state.imei not in self._under_way and self._is_far(state) == far]

    def _is_far(self, state: DeviceState) -> bool:
        row = self._fleet.hot[state.row]
        return bool(row["heard_s"] - row["amend_from_s"] > AMEND_HERE_S)

    def ask(self, states: list[DeviceState], now_s: float, *, rate: float, checkpoint: int, seq: int) -> Said:
        """What to go over for some devices.

        All that was taken in must be committed, rows up to ``checkpoint`` and events up to ``seq``: what comes after
        them is remembered here.
        """
        devices = []
        for state in states:
            self._fleet.load(state)
            self._under_way[state.imei] = _UnderWay(state, state.amend_last_s or 0.0)
            since_s = now_s if state.amend_from_s is None else state.amend_from_s
            devices.append({"imei": state.imei, "vehicle": state.vehicle, "since_s": since_s})
            self._fleet.watched.add(state.row)
            self._fleet.save(state)
        return {"devices": devices, "rate": rate, "checkpoint": checkpoint, "seq": seq}

    def saw(self, state: DeviceState, followed: Callable[[], Followed], *, told: bool) -> None:
        """A live packet has moved a device on."""
        row = self._under_way.get(state.imei) if self._under_way else None
        if row is not None:
            made = followed()
            row.since.append(made)
            if told and row.told_from_s is None:
                row.told_from_s = made.at_s

    def take(self, answer: Said, now_s: float) -> None:
        """Tell what the answer says of one device, and let it go on from where its whole track leaves it."""
        release = self._release(answer["imei"])
        if release is None:
            return
        state, end = release.state, answer["end"] and DeviceState.from_said(answer["end"])
        for kind, at_s, payload in answer["news"]:
            self._events.append(NewEvent(kind, state.imei, state.vehicle, at_s, now_s, payload))
        again = release.told_from_s
        if end:
            news = [item for step in release.since for item in follow_on(end, step, self._snapshot.current)]
            again = min([*(at_s for _, at_s, _ in news), *([] if again is None else [again])], default=None)
            take_over(state, end)
        if state.amend_last_s is None or state.amend_last_s <= release.last_s:
            state.amend_from_s = state.amend_last_s = None
        if again is not None:  # what was told meanwhile was told of the old state: compared once more
            state.amend_from_s = min(again, again if state.amend_from_s is None else state.amend_from_s)
            state.amend_last_s = max(now_s, state.amend_last_s or 0.0)
        self._fleet.save(state)

    def give_up(self) -> None:
        """No answer will come; the devices still wait and are asked for again."""
        for imei in list(self._under_way):
            if (release := self._release(imei)) is not None:
                self._fleet.save(release.state)

    def _release(self, imei: str) -> _UnderWay | None:
        item = self._under_way.pop(imei, None)
        if item is not None:
            self._fleet.watched.discard(item.state.row)
            self._fleet.load(item.state)
        return item
