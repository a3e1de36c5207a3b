"""What the database itself refuses, in SQLite's and PostgreSQL's words, as steps of a migration.

SQLite makes a table anew when a column changes and loses its triggers: a later migration that changes a guarded
table states its guards again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.migrations.operations.base import Operation


class Guard(Operation):
    """Statements by the name of the database; unlike RunPython it needs no models, whose making costs most time."""

    reversible = True

    def __init__(self, statements: Mapping[str, Sequence[str]]):
        self.statements = statements

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models stay as they are."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for statement in self.statements.get(schema_editor.connection.vendor, ()):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """The guards go with their tables."""


_REFUSING_FUNCTION = """
CREATE OR REPLACE FUNCTION immis_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql
"""


def append_only(table: str, events: Sequence[str] = ("UPDATE", "DELETE")) -> Guard:
    """A step after which the table's rows can only be added (or, with fewer ``events``, never deleted)."""
    trigger = "CREATE TRIGGER {table}_no_{verb} BEFORE {event} ON {table} "
    heads = [trigger.format(table=table, event=event, verb=event.lower()) for event in events]
    refuses = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    calls = "FOR EACH ROW EXECUTE FUNCTION immis_append_only()"
    return Guard(
        {
            "sqlite": [head + refuses for head in heads],
            "postgresql": [_REFUSING_FUNCTION, *(head + calls for head in heads)],
        }
    )


def refuse(name: str, *, table: str, event: str, condition: str, words: str) -> Guard:
    """A step after which ``event`` on ``table`` fails where ``condition`` (on ``OLD`` and ``NEW``) holds."""
    head = f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
    function = (
        f"CREATE FUNCTION {name}() RETURNS trigger AS $$ BEGIN IF {condition} THEN RAISE EXCEPTION '{words}' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
    )
    return Guard(
        {
            "sqlite": [f"{head} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END"],
            "postgresql": [function, f"{head} FOR EACH ROW EXECUTE FUNCTION {name}()"],
        }
    )


def keep_for_years(table: str, column: str, years: int) -> Guard:
    """A step after which rows whose instant in ``column`` is younger than so many years cannot be deleted."""
    words = f"{table} is kept for {years} years"
    name = f"{table}_kept"
    function = (
        f"CREATE FUNCTION {name}() RETURNS trigger AS $$ BEGIN "
        f"IF OLD.{column} > now() - interval '{years} years' THEN RAISE EXCEPTION '{words}' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$ LANGUAGE plpgsql"
    )
    head = f"CREATE TRIGGER {name} BEFORE DELETE ON {table} "
    young = f"OLD.{column} > datetime('now', '-{years} years')"
    return Guard(
        {
            "sqlite": [f"{head} WHEN {young} BEGIN SELECT RAISE(ABORT, '{words}'); END"],
            "postgresql": [function, f"{head} FOR EACH ROW EXECUTE FUNCTION {name}()"],
        }
    )
