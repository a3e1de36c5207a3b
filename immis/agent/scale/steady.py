"""When a scale stands still: by its own flag, or by equal readings above the zero band; and zero between two trucks."""

from collections import deque
from typing import Any, Deque, Dict, List, NamedTuple, Optional, Tuple

from .frames import Frame, declared

#: Frames of one rest whose least and most are kept in mind.
_LONGEST = 200


class Seen(NamedTuple):
    """What the scale shows now, with the least and most since it has been at rest (while it moves: of the window)."""

    kg: Optional[int]
    stable: bool
    zero: bool
    min_kg: int
    max_kg: int
    raw: bytes
    format: str


class Scale:
    """Follows the frames of one scale. ``free`` says that it has stood at zero since the last weighment."""

    def __init__(self, division_kg: int = 10, steady: Optional[Dict[str, Any]] = None) -> None:
        self.rules = steady or declared()["steady"]
        self.zero_kg = max(1, division_kg) * int(self.rules["zero_divisions"])
        self.free = False
        self.last: Optional[Seen] = None
        self._window: Deque[Tuple[int, int]] = deque()
        self._flagged: List[int] = []

    def feed(self, frame: Frame, at_ms: int) -> Seen:
        """Take one frame that came at ``at_ms`` of any steady clock."""
        kg = frame.kg
        if kg is None:
            self._window.clear()
            self._flagged.clear()
            self.last = Seen(None, False, False, 0, 0, frame.raw, frame.format)
            return self.last
        while self._window and at_ms - self._window[0][0] > self.rules["window_ms"]:
            self._window.popleft()
        self._window.append((at_ms, kg))
        zero = abs(kg) <= self.zero_kg
        if self.last is not None and self.last.zero != zero:  # something came on or went: another rest
            self._flagged.clear()
        self._flagged = [*self._flagged[-_LONGEST:], kg] if frame.stable else []
        still = self._equal(kg) if frame.stable is None else frame.stable
        self.free = self.free or (zero and still)
        shown = self._while_at_rest(frame, kg) if still else [row[1] for row in self._window]
        self.last = Seen(kg, still and not zero, zero and still, min(shown), max(shown), frame.raw, frame.format)
        return self.last

    def weighed(self) -> None:
        """A weighment was taken: the next one waits for zero."""
        self.free = False

    def _while_at_rest(self, frame: Frame, kg: int) -> List[int]:
        return self._flagged if frame.stable else [kg]

    def _equal(self, kg: int) -> bool:
        last = list(self._window)[-int(self.rules["equal"]) :]
        return len(last) == self.rules["equal"] and all(row[1] == kg for row in last)
