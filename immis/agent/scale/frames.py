"""What an indicator sends, as weights: frames are declared in ``formats.json``, and learned ones in the same words.

The page in the browser reads the same declarations by a parser of its own; ``vectors.json`` keeps both to one answer.
Bytes are read as Latin-1, so that each has its character and none is refused.
"""

import json
import re
from functools import lru_cache
from typing import Any, Dict, List, NamedTuple, Optional, Pattern, Tuple

STABLE, MOVING = "stable", "moving"
#: What a unit is in grams, as a fraction.
GRAMS = {"g": (1, 1), "kg": (1000, 1), "t": (1000000, 1), "lb": (45359237, 100000)}
_NUMBER = re.compile(r"[+-]?[0-9]*(?:\.[0-9]*)?\Z")
#: Words of Toledo's continuous frame: places of the first word, bits of the second.
_TOLEDO_PLACES = {0: -2, 1: -1, 2: 0, 3: 1, 4: 2, 5: 3, 6: 4, 7: 5}


class Frame(NamedTuple):
    """One frame: grams where it shows a weight, stability where it tells it, its own bytes always."""

    format: str
    grams: Optional[int]
    stable: Optional[bool]
    status: str  # ok, over, under, error
    mode: str  # gross, net, tare, or empty where the frame does not tell
    raw: bytes

    @property
    def kg(self) -> Optional[int]:
        """Whole kilograms, halves away from zero."""
        return None if self.grams is None else whole_kg(self.grams)


def whole_kg(grams: int) -> int:
    """Grams as whole kilograms, halves away from zero."""
    whole = (abs(grams) + 500) // 1000
    return -whole if grams < 0 else whole


@lru_cache(maxsize=None)
def declared() -> Dict[str, Any]:
    """The declaration that agent and page share; a packed agent reads it from its own file."""
    import pkgutil

    text = pkgutil.get_data(__package__, "formats.json")
    return dict(json.loads((text or b"{}").decode("utf8")))


def formats() -> List[Dict[str, Any]]:
    """The presets, in the order in which they are tried."""
    return list(declared()["formats"])


def format_named(name: str) -> Dict[str, Any]:
    """One preset by its name; KeyError where there is none."""
    return {row["name"]: row for row in formats()}[name]


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Pattern[str]:
    """Groups are named as JavaScript does it, which Python spells with a P."""
    return re.compile(re.sub(r"\(\?<([a-z])", r"(?P<\1", pattern))


def in_grams(number: str, unit: str, places: int = 0) -> Optional[int]:
    """The shown number in grams, halves away from zero; None where it is no number.

    ``places`` are decimals that the frame implies (negative: zeros that it leaves out).
    """
    text = number.replace(" ", "")
    if not _NUMBER.match(text) or not any(sign.isdigit() for sign in text):
        return None
    whole, _, decimals = text.lstrip("+-").partition(".")
    places += len(decimals)
    times, parts = GRAMS[unit]
    top = int(whole + decimals or "0") * times * 10 ** max(0, -places)
    bottom = parts * 10 ** max(0, places)
    grams = (2 * top + bottom) // (2 * bottom)
    return -grams if text.startswith("-") else grams


def _check_fits(kind: str, frame: str, check: str) -> bool:
    if kind == "xor":
        total = 0
        for sign in frame[1:-3]:
            total ^= ord(sign)
        return f"{total:02X}" == check
    return (sum(map(ord, frame[:-1])) + ord(check)) & 0x7F == 0


def _toledo(words: str) -> Tuple[int, bool, str, str, str]:
    """Implied places, whether negative, unit, state and mode that the status words tell."""
    first, second = ord(words[0]), ord(words[1])
    state = "over" if second & 4 else MOVING if second & 8 else STABLE
    return (
        _TOLEDO_PLACES[first & 7],
        bool(second & 2),
        "kg" if second & 16 else "lb",
        state,
        "net" if second & 1 else "",
    )


def read_match(form: Dict[str, Any], text: str, groups: Dict[str, Optional[str]]) -> Optional[Frame]:
    """The frame that a match of the format's pattern is; None where its check fails."""
    if form.get("check") and not _check_fits(form["check"], text, groups["check"] or ""):
        return None
    unit = (groups.get("unit") or form.get("unit", "kg")).strip().lower() or "g"
    places = int(groups.get("places") or form.get("places", 0))
    letter = groups.get("state")
    state = form.get("states", {}).get(letter, form.get("else")) if letter is not None else None
    mode = form.get("modes", {}).get(groups.get("mode") or letter, "")
    negative = groups.get("sign") == "-"
    if form.get("words") == "toledo":
        places, negative, unit, state, net = _toledo(groups["words"] or "")
        mode = net or "gross"
    number = (groups.get("number") or "")[:: -1 if form.get("reversed") else 1]
    status = state if state in ("over", "under", "error") else "ok"
    grams = in_grams(number, unit if unit in GRAMS else "kg", places) if status == "ok" else None
    if status == "ok" and grams is None:
        status = "error"
    if grams and negative:
        grams = -grams
    stable = {STABLE: True, MOVING: False}.get(state or "")
    return Frame(form["name"], grams, stable, status, mode, text.encode("latin-1"))


class Cutter:
    """Cuts a stream of bytes into frames of one format, however it is split; it never raises and never falls behind.

    ``skipped`` counts bytes that belong to no frame: noise, or another format.
    """

    def __init__(self, form: Dict[str, Any]) -> None:
        self.form = form
        self.skipped = 0
        self._pattern = _compiled(form["pattern"])
        self._rest = ""

    def feed(self, data: bytes) -> List[Frame]:
        """The frames that these bytes complete."""
        text, start, frames = self._rest + data.decode("latin-1"), 0, []
        at = 0
        while True:
            match = self._pattern.search(text, at)
            if match is None:
                break
            frame = read_match(self.form, match.group(), match.groupdict())
            if frame is None:
                at = match.start() + 1
                continue
            frames.append(frame)
            self.skipped += match.start() - start
            start = at = match.end()
        keep = max(start, len(text) - int(declared()["frame_limit"]))
        self.skipped += keep - start
        self._rest = text[keep:]
        return frames


def cut(form: Dict[str, Any], data: bytes) -> List[Frame]:
    """All frames in the bytes."""
    return Cutter(form).feed(data)


def best_format(data: bytes, among: Optional[List[Dict[str, Any]]] = None) -> Optional[Dict[str, Any]]:
    """The format that explains most of the bytes by at least two frames; the earlier declared of equals."""
    best, most = None, 0
    for form in among or formats():
        frames = cut(form, data)
        covered = sum(len(frame.raw) for frame in frames if frame.status != "error")
        if len(frames) > 1 and covered > most and covered * 2 > len(data):
            best, most = form, covered
    return best
