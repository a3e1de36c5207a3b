"""The index of search: rows that are made from the records, and the database's own index over them (ADR 18)."""

from django.db import migrations, models

from immis.core.guards import Guard

_FTS5 = """CREATE VIRTUAL TABLE search_text USING fts5(
  body, content='search_searchrow', content_rowid='id', detail='none', columnsize=0, prefix='5 6 7 8',
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'"
)"""
_ADD = "INSERT INTO search_text(rowid, body) VALUES (NEW.id, NEW.body);"
_TAKE = "INSERT INTO search_text(search_text, rowid, body) VALUES ('delete', OLD.id, OLD.body);"
_TABLE = "ON search_searchrow BEGIN"


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SearchRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("number", models.CharField(max_length=60)),
                ("body", models.TextField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "number"), name="one_search_row_a_record")],
            },
        ),
        Guard(
            {
                "sqlite": [
                    _FTS5,
                    f"CREATE TRIGGER search_text_add AFTER INSERT {_TABLE} {_ADD} END",
                    f"CREATE TRIGGER search_text_take AFTER DELETE {_TABLE} {_TAKE} END",
                    f"CREATE TRIGGER search_text_change AFTER UPDATE {_TABLE} {_TAKE} {_ADD} END",
                ],
                "postgresql": [
                    # not by its parser, which takes a vowel sign of Devanagari for the end of a word
                    "ALTER TABLE search_searchrow ADD COLUMN marks tsvector"
                    " GENERATED ALWAYS AS (array_to_tsvector(string_to_array(body, ' '))) STORED",
                    "CREATE INDEX search_marks ON search_searchrow USING gin (marks)",
                ],
            }
        ),
    ]
