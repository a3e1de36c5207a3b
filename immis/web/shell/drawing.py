"""Where marks stand on a drawn time axis: places in percent, so that text keeps its size on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from immis import clock
from immis.web.shell.components import MARKS, ScheduleRow, Signal, chip_state
from immis.web.shell.wording import clock_time

_LEFT, _RIGHT = 4.0, 96.0
LANE_PX = 34


@dataclass(frozen=True)
class Mark:
    """One mark: where (percent of the width), what state, which sign, what it says."""

    x: str
    state: str
    sign: str
    label: str
    url: str = ""
    width: str = ""
    y: int = 0
    above: bool = False


@dataclass(frozen=True)
class Axis:
    """A drawn time axis with its marks, the year (or hour) ticks and today."""

    marks: list[Mark]
    ticks: list[Mark]
    today: str = ""
    past: str = ""
    lanes: list[Mark] = field(default_factory=list)
    height: int = 0


def _percent(part: float) -> str:
    return f"{_LEFT + (_RIGHT - _LEFT) * min(max(part, 0.0), 1.0):.2f}%"


def time_line(rows: Sequence[ScheduleRow], *, today: date) -> Axis | None:
    """Due dates on one line from the first to the last, with today where it falls; None when nothing is due."""
    dated = [row for row in rows if row.due_on]
    if not dated:
        return None
    first = min(min(row.due_on for row in dated), today)
    last = max(max(row.due_on for row in dated), today)
    days = max((last - first).days, 1)

    def place(day: date) -> str:
        return _percent((day - first).days / days)

    marks = [
        Mark(
            place(row.due_on),
            chip_state(row.state),
            MARKS[chip_state(row.state)],
            f"{row.label} · {row.due_on:%d.%m.%Y}",
        )
        for row in dated
    ]
    years = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    ticks = [Mark(place(day), "", "", str(day.year)) for day in years]
    return Axis(marks, ticks, today=place(today), past=f"{float(place(today)[:-1]) - _LEFT:.2f}%")


def strip(signals: Sequence[Signal], *, start: datetime | None = None, end: datetime | None = None) -> Axis | None:
    """Signals on one time axis, one lane a kind; None when there are none."""
    if not signals:
        return None
    begins = start or min(signal.at for signal in signals)
    ends = end or max(signal.until or signal.at for signal in signals)
    seconds = max((ends - begins).total_seconds(), 1.0)
    lanes = list(dict.fromkeys(signal.lane for signal in signals))

    def place(at: datetime) -> float:
        return (at - begins).total_seconds() / seconds

    marks = []
    for signal in signals:
        state = chip_state(signal.state)
        width = (place(signal.until) - place(signal.at)) * (_RIGHT - _LEFT) if signal.until else 0.0
        y = lanes.index(signal.lane) * LANE_PX + LANE_PX // 2 + 12
        text = f"{clock_time(signal.at)} · {signal.label}"
        marks.append(
            Mark(_percent(place(signal.at)), state, MARKS[state], text, signal.url, f"{width:.2f}%" if width else "", y)
        )
    rows = [Mark("0", "", "", lane, y=index * LANE_PX + LANE_PX // 2 + 12) for index, lane in enumerate(lanes)]
    height = len(lanes) * LANE_PX + 30
    return Axis(marks, _hour_ticks(begins, seconds), lanes=rows, height=height)


def _hour_ticks(begins: datetime, seconds: float) -> list[Mark]:
    """Five hours along the axis; one where all of them would read the same."""
    ticks = []
    for quarter in range(5) if seconds >= 240 else range(1):
        at = (begins + timedelta(seconds=seconds * quarter / 4)).astimezone(clock.INDIA)
        shown = at.strftime("%d.%m. %H:%M") if seconds > 43200 else at.strftime("%H:%M")
        ticks.append(Mark(_percent(quarter / 4), "", "", shown))
    return ticks
