"""Lines as text, six digits a degree, as Valhalla and OSRM write them."""

from collections.abc import Iterable

_SIX_DIGITS = 1e6


def encoded(points: Iterable[tuple[float, float]]) -> str:
    """The text of a line of (lat, lon)."""
    letters: list[str] = []
    before = (0, 0)
    for lat, lon in points:
        here = (round(lat * _SIX_DIGITS), round(lon * _SIX_DIGITS))
        for now, then in zip(here, before, strict=True):
            letters += _letters(now - then)
        before = here
    return "".join(letters)


def _letters(value: int) -> Iterable[str]:
    value = ~(value << 1) if value < 0 else value << 1
    while value >= 0x20:
        yield chr((0x20 | (value & 0x1F)) + 63)
        value >>= 5
    yield chr(value + 63)


def decoded(text: str) -> list[tuple[float, float]]:
    """The points (lat, lon) of a text. Raises ValueError for what is no line."""
    numbers, value, shift = [], 0, 0
    for letter in text:
        part = ord(letter) - 63
        if not 0 <= part < 0x40 or shift > 60:
            raise ValueError("this is no line")
        value |= (part & 0x1F) << shift
        shift += 5
        if part < 0x20:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift or len(numbers) % 2:
        raise ValueError("the line ends in the middle")
    lat = lon = 0
    points = []
    for north, east in zip(numbers[::2], numbers[1::2], strict=True):
        lat, lon = lat + north, lon + east
        points.append((lat / _SIX_DIGITS, lon / _SIX_DIGITS))
    return points
