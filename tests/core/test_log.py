"""The action log is a chain: it cannot be changed, and a change made behind its back is found."""

import pytest
from django.db import DatabaseError, connection, transaction

from immis import clock
from immis.core import selectors
from immis.core.access.permissions import SYSTEM
from immis.core.guards import append_only
from immis.core.models import ActionLog, OutboxEvent
from immis.core.services import emit, log_action, next_number
from immis.enforcement.selectors import event_to_handle, waiting_events
from tests.examples import example

pytestmark = pytest.mark.django_db


def _three_lines():
    for number in range(3):
        log_action("test.done", subject=("lease", f"L-{number}"), by=SYSTEM, at=clock.now(), facts={"n": number})


def test_the_chain_holds():
    _three_lines()
    assert selectors.broken_link() is None


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_changes(act):
    _three_lines()
    rows = ActionLog.objects.filter(seq=2)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(code="x") if act == "update" else rows.delete()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_actionlog SET subject_id = 'other' WHERE seq = 2",
        "UPDATE core_actionlog SET facts = '{\"n\":7}' WHERE seq = 2",
        "DELETE FROM core_actionlog WHERE seq = 2",
        "DELETE FROM core_actionlog WHERE seq = 3",
    ],
)
def test_a_change_behind_its_back_is_found(sql):
    _three_lines()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE core_actionlog DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER core_actionlog_no_update")
            cursor.execute("DROP TRIGGER core_actionlog_no_delete")
        cursor.execute(sql)
        broken = selectors.broken_link()
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE core_actionlog ENABLE TRIGGER USER")
        else:
            for statement in append_only("core_actionlog").statements["sqlite"]:
                cursor.execute(statement)
    assert broken in (2, 3)


def test_lines_added_while_the_log_is_read_are_no_break(monkeypatch):
    """A running office writes on; the check of whoever verifies meanwhile must not cry wolf."""
    _three_lines()
    link, added = selectors.link_hash, []

    def while_reading(*words):
        if not added:
            added.append(log_action("late", subject=("test", "1"), by=SYSTEM, at=clock.now()))
        return link(*words)

    monkeypatch.setattr(selectors, "link_hash", while_reading)
    assert selectors.broken_link() is None
    assert added


def test_numbers_leave_no_gap_when_a_transaction_fails():
    assert next_number("s") == 1
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        next_number("s")
        raise ZeroDivisionError
    assert next_number("s") == 2


def test_an_event_with_a_key_is_told_once():
    for _ in range(2):
        emit(example("instalment.overdue"), subject=("lease", "L"), at=clock.now(), key="overdue:1")
    assert OutboxEvent.objects.count() == 1


def _waiting(most):
    return [event_to_handle(pk) for pk in waiting_events(at=clock.now(), most=most)]


def test_events_are_handled_in_order_and_once():
    for number in range(3):
        emit(example("instalment.overdue"), subject=("lease", str(number)), at=clock.now())
    with transaction.atomic():
        first = _waiting(2)
        selectors.mark_handled(first, clock.now())
    assert [event.subject_id for event in first] == ["0", "1"]
    with transaction.atomic():
        assert [event.subject_id for event in _waiting(5)] == ["2"]
