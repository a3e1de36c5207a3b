"""Learn mode: the operator types the number that an unknown indicator shows, and the frame is found by it.

What is found is a declaration as in ``formats.json``: field, sign, decimal point, and the byte that tells rest.
"""

import re
from collections import Counter
from itertools import combinations
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .frames import cut

#: Ends of frames that are tried, the more particular first.
_ENDS = (b"\x03", b"\r\n", b"\r", b"\n")
_LEAST = 3


class Sample(NamedTuple):
    """Bytes as they came while the indicator showed ``shown``; empty where the number was running (a truck moving)."""

    data: bytes
    shown: str


class NotLearned(ValueError):
    """Why nothing could be learned: ``few`` frames, ``number`` not in them."""


def _split(data: bytes) -> List[bytes]:
    """The stream's frames of its usual length; the first and last piece may be cut off and do not count."""
    best: List[bytes] = []
    for mark in _ENDS:
        pieces = [piece + mark for piece in data.split(mark)[1:-1] if piece]
        best = max(best, _usual(pieces), key=len)
    if len(best) < _LEAST:
        for mark in sorted(set(data) - set(b" .+-0123456789")):
            start = bytes([mark])
            best = max(best, _usual([start + piece for piece in data.split(start)[1:-1]]), key=len)
    return best


def _usual(pieces: List[bytes]) -> List[bytes]:
    pieces = [piece for piece in pieces if len(piece) > _LEAST]
    if not pieces:
        return []
    (length, times), *_ = Counter(map(len, pieces)).most_common(1)
    return [piece for piece in pieces if len(piece) == length] if times * 2 > len(pieces) else []


class _Field(NamedTuple):
    start: int
    end: int
    places: int
    backwards: bool


def _fields(frame: bytes, shown: str) -> List[_Field]:
    """Where the shown number may stand: its digits, with nothing but zeros and blanks left of them in their run."""
    text, rows = frame.decode("latin-1"), []
    for backwards in (False, True):
        line = text[::-1] if backwards else text
        for run in re.finditer(r"[ 0-9.]{2,}", line):
            for first, end in combinations(range(run.start(), run.end() + 1), 2):
                places = _places(line[first:end], shown)
                if places is not None:
                    start, stop = (len(line) - end, len(line) - first) if backwards else (first, end)
                    rows.append(_Field(start, stop, places, backwards))
    return rows


def _places(field: str, shown: str) -> Optional[int]:
    """Decimals that the field leaves out where it shows the number; None where it does not show it."""
    plain, wanted = field.replace(" ", ""), shown.lstrip("+-")
    if " " in field.lstrip(" ") or not plain or plain.count(".") > 1 or not any(map(str.isdigit, plain)):
        return None
    if "." in plain:
        try:
            return 0 if float(plain) == float(wanted) and not plain.endswith(".") else None
        except ValueError:
            return None
    decimals = len(wanted.partition(".")[2])
    return decimals if plain.lstrip("0") == wanted.replace(".", "").lstrip("0") else None


def _common(samples: Sequence[Tuple[List[bytes], str]]) -> Optional[_Field]:
    """The field that fits all frames of all samples; of several the longest, of equals the first."""
    rows: Optional[List[_Field]] = None
    for frames, shown in samples:
        for frame in frames:
            fits = _fields(frame, shown)
            rows = fits if rows is None else [row for row in rows if row in fits]
    return min(rows, key=lambda row: (row.backwards, row.start - row.end, row.start)) if rows else None


def _sign(frames: List[bytes], field: _Field) -> Optional[int]:
    """The place of the sign beside the number."""
    at = field.end if field.backwards else field.start - 1
    letters = {frame[at : at + 1] for frame in frames} if 0 <= at < len(frames[0]) else set()
    return at if letters and letters <= {b"+", b"-", b" "} else None


def _state(still: List[bytes], moving: List[bytes], taken: range) -> Tuple[Optional[int], Dict[str, str]]:
    """The byte that is one thing at rest and mostly another while the number runs."""
    for at in range(len(still[0])):
        rest = {frame[at] for frame in still}
        runs = [frame[at] for frame in moving if frame[at] not in rest]
        if at not in taken and len(rest) == 1 and len(runs) * 2 > len(moving) and len(set(runs)) <= 2:
            return at, {chr(rest.pop()): "stable"}
    return None, {}


def _escaped(byte: int) -> str:
    return f"\\x{byte:02x}"


def _pattern(frames: List[bytes], field: _Field, sign: Optional[int], state: Optional[int]) -> str:
    """Bytes that never change are written out, others stand for any."""
    parts, at, length = [], 0, len(frames[0])
    while at < length:
        same = len({frame[at] for frame in frames}) == 1
        if at == field.start:
            parts.append(f"(?<number>[ 0-9.+-]{{{field.end - field.start}}})")
            at = field.end
            continue
        if at == sign:
            parts.append("(?<sign>[+ -])")
        elif at == state:
            parts.append("(?<state>[\\s\\S])")
        elif same and (at in (0, length - 1, length - 2) or not chr(frames[0][at]).isalnum()):
            parts.append(_escaped(frames[0][at]))
        else:
            parts.append("[\\s\\S]")
        at += 1
    return "".join(parts)


def learn(samples: Sequence[Sample], unit: str = "kg") -> Dict[str, Any]:
    """The format of an unknown indicator from at least one sample at rest; NotLearned where it cannot be told.

    Two samples with different numbers tell the weight from tare and others; one with a running number tells rest.
    """
    still = [(_split(row.data), row.shown.strip()) for row in samples if row.shown.strip()]
    moving = [frame for row in samples if not row.shown.strip() for frame in _split(row.data)]
    frames = [frame for rows, _ in still for frame in rows]
    frames = _usual(frames)
    if len(frames) < _LEAST:
        raise NotLearned("few")
    usual = len(frames[0])
    field = _common([([frame for frame in rows if len(frame) == usual], shown) for rows, shown in still])
    if field is None:
        raise NotLearned("number")
    moving = [frame for frame in moving if len(frame) == usual]
    sign = _sign(frames + moving, field)
    taken = range(field.start - 1 if sign == field.start - 1 else field.start, field.end + (sign == field.end))
    state, states = _state(frames, moving, taken) if moving else (None, {})
    form: Dict[str, Any] = {"name": "learned", "title": "", "source": "learned at the bridge", "unit": unit}
    form["pattern"] = _pattern(frames + moving, field, sign, state)
    form.update({"places": field.places, "reversed": field.backwards})
    if state is not None:
        form.update({"states": states, "else": "moving"})
    if not cut(form, frames[0] + frames[0]):
        raise NotLearned("number")
    return form
