"""By which day a direction is to be carried out: by both readings of a term, and by the one of the setting."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immis.rules.policy import PolicyBook

MEETING, CIRCULATION = "meeting", "circulation"


@dataclass(frozen=True)
class Due:
    """The day by the setting, and by both readings; None where the paper names neither day nor term."""

    on: date | None
    by_meeting: date | None
    by_circulation: date | None


def due_days(
    *,
    days: int | None,
    by_on: date | None,
    held_on: date | None,
    issued_on: date | None,
    policy: PolicyBook,
    at: datetime,
) -> Due:
    """The days by which a point is due (DIR-01); a day that the point itself names is due by every reading.

    Minutes that are not issued yet count from the meeting, whatever the setting, until they are.
    """
    if by_on is not None or days is None:
        return Due(by_on, by_on, by_on)
    term = timedelta(days=days)
    by_meeting = held_on + term if held_on else None
    by_circulation = issued_on + term if issued_on else None
    from_issue = policy.value("DIR-01", at)["counts_from"] == CIRCULATION
    first, second = (by_circulation, by_meeting) if from_issue else (by_meeting, by_circulation)
    return Due(first or second, by_meeting, by_circulation)
