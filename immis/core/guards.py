"""A condition that the database itself refuses, in SQLite's and PostgreSQL's words, for use in migrations."""

from django.db import migrations

_SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition}
BEGIN SELECT RAISE(ABORT, '{words}'); END
"""
_POSTGRES = """
CREATE FUNCTION {name}() RETURNS trigger AS $$
BEGIN IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
"""


def refuse(name: str, *, table: str, event: str, condition: str, words: str) -> migrations.RunPython:
    """A migration step after which ``event`` on ``table`` fails where ``condition`` (on ``OLD`` and ``NEW``) holds."""

    def forward(apps: object, schema_editor: object) -> None:
        form = _POSTGRES if schema_editor.connection.vendor == "postgresql" else _SQLITE  # type: ignore[attr-defined]
        sql = form.format(name=name, table=table, event=event, condition=condition, words=words)
        schema_editor.execute(sql, params=None)  # type: ignore[attr-defined]

    return migrations.RunPython(forward, migrations.RunPython.noop)
