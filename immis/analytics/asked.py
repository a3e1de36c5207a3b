"""The questions: their texts, what they may be asked with, and what their answers hold."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources

from immis import clock
from immis.rules.policy import book


@dataclass(frozen=True)
class Question:
    """One question; ``figure`` is the column that the answer is about."""

    name: str
    figure: str
    columns: tuple[str, ...]

    @property
    def text(self) -> str:
        """The SQL as it stands in the file, with places for the times asked for."""
        return resources.files("immis.analytics").joinpath("sql", f"{self.name}.sql").read_text(encoding="utf-8")


QUESTIONS = {
    row.name: row
    for row in (
        Question("night_trips", "without_pass", ("vehicle", "ghat", "nights", "km", "loads", "without_pass")),
        Question(
            "pass_mills", "never_near",
            ("ghat", "passes", "vehicles", "most_a_day", "without_trip", "never_near", "never_near_percent"),
        ),
        Question(
            "five_way_balance", "unexplained_m3",
            ("ghat", "permitted_m3", "passes_m3", "driven_m3", "weighed_m3", "surveyed_m3", "consumed_m3",
             "unexplained_m3"),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """Days asked about, the last included, and what counts as night; days are India's."""

    first: date
    last: date
    since: time
    until: time

    def __post_init__(self) -> None:
        if not self.first <= self.last or not self.until < self.since:
            raise ValueError("the last day lies before the first, or the night ends after it begins")

    @property
    def from_s(self) -> int:
        return _midnight_s(self.first)

    @property
    def to_s(self) -> int:
        return _midnight_s(self.last + timedelta(days=1))

    def filled(self, text: str) -> str:
        """A question's text with its numbers, the figures of MOV-29 among them: nothing that a caller wrote."""
        figures = {name: float(value) for name, value in book().value("MOV-29", self.last).items()}
        return text.format(
            from_s=self.from_s, to_s=self.to_s, since_minute=_minute(self.since), until_minute=_minute(self.until),
            **figures,
        )  # fmt: skip


def usual_night(on: date) -> tuple[time, time]:
    """When a night begins and ends where a question does not say so (MOV-07)."""
    usual = book().value("MOV-07", on)
    return time.fromisoformat(usual["since"]), time.fromisoformat(usual["until"])


def month(text: str) -> tuple[date, date]:
    """First and last day of ``2026-06``; ValueError for what is no month."""
    first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _midnight_s(day: date) -> int:
    return int(datetime.combine(day, time(), tzinfo=clock.INDIA).timestamp())
