"""Triggers that keep a table append-only, on SQLite and on PostgreSQL, for use in migrations."""

from collections.abc import Sequence

from django.db import migrations

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {event} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION immis_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql
"""
_POSTGRES = """
CREATE TRIGGER {table}_no_{verb} BEFORE {event} ON {table}
FOR EACH ROW EXECUTE FUNCTION immis_append_only()
"""


def append_only(table: str, events: Sequence[str] = ("UPDATE", "DELETE")) -> migrations.RunPython:
    """A migration step after which the table's rows can only be added."""

    def forward(apps: object, schema_editor: object) -> None:
        postgres = schema_editor.connection.vendor == "postgresql"  # type: ignore[attr-defined]
        if postgres:
            schema_editor.execute(_POSTGRES_FUNCTION.replace("%", "%%"), params=())  # type: ignore[attr-defined]
        for event in events:
            sql = (_POSTGRES if postgres else _SQLITE).format(table=table, event=event, verb=event.lower())
            schema_editor.execute(sql)  # type: ignore[attr-defined]

    return migrations.RunPython(forward, migrations.RunPython.noop)


def lift_append_only(table: str) -> migrations.RunPython:
    """A migration step that lets a later one of the same migration change the table; ``append_only`` must end it."""

    def forward(apps: object, schema_editor: object) -> None:
        where = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""  # type: ignore[attr-defined]
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{where}")  # type: ignore[attr-defined]

    return migrations.RunPython(forward, migrations.RunPython.noop)
