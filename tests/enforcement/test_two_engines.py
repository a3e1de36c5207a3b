"""Two workers on one outbox: every event is handled once (needs the several writers of PostgreSQL)."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from immis.core.models import OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, Outcome, Task
from tests.enforcement import world as made
from tests.enforcement.world import NOON

EVENTS = 12


@pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="SQLite has one writer; PostgreSQL is asked")
@pytest.mark.django_db(transaction=True)
def test_two_workers_handle_each_event_once():
    world = made.build()
    for number in range(EVENTS):
        world.tamper(grade="suspect" if number % 2 else "strong", key=f"gateway:{number}")

    def work(_worker: int) -> int:
        try:
            return sum(run_triggers(at=NOON) for _round in range(3))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        handled = sum(pool.map(work, range(2)))
    assert handled == EVENTS and not OutboxEvent.objects.filter(handled_at=None).exists()
    assert set(Counter(Outcome.objects.values_list("event_id", flat=True)).values()) == {1}
    assert Case.objects.count() == 1 and len(Case.objects.get().evidence["signals"]) == EVENTS / 2
    assert Task.objects.filter(state="open").count() == 1
