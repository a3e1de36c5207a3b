"""What each record is found by."""

from django.db import models


class SearchRow(models.Model):
    """What one record is found by: ``body`` has the marks of its names, numbers and reach, a blank between two.

    The database keeps its own index over ``body`` (ADR 18): a table of FTS5 beside SQLite's, a column with GIN in
    PostgreSQL's. Nothing stands here that cannot be made anew from the records.
    """

    kind = models.CharField(max_length=30)
    number = models.CharField(max_length=60)
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="one_search_row_a_record")]


class KeptFilter(models.Model):
    """A filter of a list under a name that its reader gave it: the address of the list, and what is asked of it."""

    user_id = models.BigIntegerField()
    path = models.CharField(max_length=200)
    query = models.CharField(max_length=1000)
    name = models.CharField(max_length=60)
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["user_id", "path", "name"], name="one_filter_a_name")]
