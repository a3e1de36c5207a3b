"""From the first state that is kept on: no migration changes, and a filled database of that state comes to this one."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from immis.core import selectors as core
from immis.ledger import selectors as ledger
from immis.registry.models import User
from tests import databases
from tests.upgrade import state

LEASE = "MUN-2026-02"
HOW = (
    "a migration that is kept was changed: installations have it already. Take the change back and write a further "
    "migration (python -m django makemigrations)"
)


@pytest.fixture
def empty_database(django_db_setup, django_db_blocker, tmp_path):
    """A database without a table, on which the test stands."""
    shared = connection.settings_dict["NAME"]
    own = str(tmp_path / "state.sqlite3") if connection.vendor == "sqlite" else f"{shared}_state"
    with django_db_blocker.unblock():
        if connection.vendor != "sqlite":
            databases.make_on_server(connection, own)
        with databases.standing_on(connection, own):
            yield own


def test_no_migration_that_is_kept_changes():
    now = state.digests()
    assert {path: now.get(path) for path in state.kept()} == state.kept(), HOW


def test_a_filled_database_of_the_kept_state_is_upgraded(empty_database, data_dir, django_db_blocker):
    kept = state.read()
    with django_db_blocker.unblock():
        known = MigrationExecutor(connection)
        known.migrate([row for row in kept["migrations"].items() if row in known.loader.graph.nodes])
        state.lay_down(connection, kept["tables"])
        call_command("migrate", verbosity=0)
        assert MigrationExecutor(connection).migration_plan(known.loader.graph.leaf_nodes()) == []
        assert ledger.problems() == [] and core.broken_link() is None
        for model in apps.get_models():
            list(model._default_manager.order_by("pk")[:50])
        pages_open("mdo", ["/office/", "/office/leases/", "/office/payments/", "/office/challans/"])
        pages_open("hq", ["/log/", "/office/offices/"])
        pages_open("mdo", [f"/office/leases/{LEASE}/", f"/leases/{LEASE}/statement/"])
        name = User.objects.create(username="after-the-upgrade").pk
        assert name > max(row[0] for row in kept["tables"]["registry_user"]["rows"])


def pages_open(username, addresses):
    client = Client()
    client.force_login(User.objects.get(username=username))
    assert {one: client.get(one).status_code for one in addresses} == dict.fromkeys(addresses, 200)
