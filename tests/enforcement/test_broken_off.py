"""A trigger that the database breaks off is no failed event: the turn is taken again."""

import pytest
from django.db import OperationalError

from immis.core.models import OutboxEvent
from immis.enforcement import jobs
from immis.enforcement.models import FailedEvent

pytestmark = pytest.mark.django_db


def test_a_turn_that_is_broken_off_is_not_kept_as_a_failure(at, monkeypatch, data_dir):
    OutboxEvent.objects.create(kind="test.nothing", subject_kind="lease", subject_id="x", facts={}, at=at())

    def broken(event, look):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "handle", broken)
        with pytest.raises(OperationalError):
            jobs.run_triggers(at=at())
    assert not FailedEvent.objects.exists()
    assert jobs.run_triggers(at=at()) == 1
