"""Time limits: day zero, working days, holidays, pauses, months, rolling forward."""

from datetime import date

import pytest

from immis.rules.deadlines import Limit, due_day

FRIDAY, MONDAY = date(2026, 6, 5), date(2026, 6, 8)
NONE: frozenset[date] = frozenset()


@pytest.mark.parametrize(
    ("start", "limit", "holidays", "due"),
    [
        (FRIDAY, Limit(3, "calendar_day"), NONE, date(2026, 6, 8)),
        (FRIDAY, Limit(3, "calendar_day", counts_first_day=True), NONE, date(2026, 6, 8)),  # Sunday rolls forward
        (FRIDAY, Limit(3, "calendar_day", counts_first_day=True, rolls_forward=False), NONE, date(2026, 6, 7)),
        (FRIDAY, Limit(2, "working_day"), NONE, date(2026, 6, 8)),  # Saturday, Monday
        (FRIDAY, Limit(2, "working_day"), frozenset({MONDAY}), date(2026, 6, 9)),
        (FRIDAY, Limit(2, "working_day", extension=1), NONE, date(2026, 6, 9)),
        (FRIDAY, Limit(2, "working_day", pauses=((date(2026, 6, 6), date(2026, 6, 9)),)), NONE, date(2026, 6, 11)),
        (date(2026, 1, 31), Limit(1, "month"), NONE, date(2026, 2, 28)),
        (date(2026, 1, 15), Limit(1, "month", pauses=((date(2026, 2, 1), date(2026, 2, 3)),)), NONE, date(2026, 2, 18)),
    ],
)
def test_due_days(start, limit, holidays, due):
    assert due_day(start, limit, holidays=holidays).due_on == due


def test_every_day_that_did_not_count_is_told_with_its_reason():
    found = due_day(FRIDAY, Limit(2, "working_day"), holidays={MONDAY})
    assert found.skipped == ((date(2026, 6, 7), "weekend"), (MONDAY, "holiday"))


def test_a_limit_that_rests_has_no_end():
    assert due_day(FRIDAY, Limit(2, "working_day", pauses=((MONDAY, None),)), holidays=NONE).due_on is None
