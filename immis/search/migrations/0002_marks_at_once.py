"""PostgreSQL takes new marks into its index at once: a list of waiting ones would be read whole by each question."""

from django.db import migrations

from immis.core.guards import Guard


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        Guard(
            {
                "postgresql": [
                    "ALTER INDEX search_marks SET (fastupdate = off)",
                    "SELECT gin_clean_pending_list('search_marks')",
                ],
            }
        ),
    ]
