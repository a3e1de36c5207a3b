"""PostgreSQL tells the process of live events of each public change of a lot; whoever changes it, it tells."""

from django.db import migrations

_TELL = """
CREATE FUNCTION lot_changed() RETURNS trigger AS $$
BEGIN PERFORM pg_notify('immis_lots', NEW.code); RETURN NULL; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER lot_changed AFTER UPDATE ON auctions_lot FOR EACH ROW
WHEN (OLD.changes IS DISTINCT FROM NEW.changes) EXECUTE FUNCTION lot_changed();
"""


def tell(apps: object, schema_editor: object) -> None:
    if schema_editor.connection.vendor == "postgresql":  # type: ignore[attr-defined]
        schema_editor.execute(_TELL, params=None)  # type: ignore[attr-defined]


class Migration(migrations.Migration):
    dependencies = [("auctions", "0004_merge_0003_merge_0003_o_append_only")]
    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
