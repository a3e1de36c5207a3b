"""What is done before the processes start: records brought up to date, the code of a first start."""

import contextlib
from collections.abc import Iterator

from immis import setup_django

_MIGRATION_LOCK = 7_105_023


class CannotRun(Exception):
    """The processes cannot start: says why and what to do."""


@contextlib.contextmanager
def _migration_lock() -> Iterator[None]:
    """One process migrates at a time: PostgreSQL's advisory lock; on SQLite the supervisor's own lock is enough."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def _lack_migrations() -> bool:
    """Whether the records are those of an older version, or none yet.

    Raises CannotRun for records that a newer version has changed: this one would write what that one does not expect.
    """
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    own = loader.migrated_apps
    unknown = sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in own and (app, name) not in loader.graph.nodes
    )
    if unknown:
        raise CannotRun(
            f"the records were changed by a newer version of IMMIS ({unknown[0]}); run that version, or restore the "
            "backup that was made before the upgrade (docs/operations/install.md)"
        )
    return not loader.graph.nodes.keys() <= loader.applied_migrations.keys()


def prepare() -> None:
    """Bring the records database up to date and compile the words; safe to call from several machines at once.

    Raises OtherKind for records to practise on under the settings of a real installation, or the other way round.
    """
    setup_django()
    from django.core.management import call_command
    from django.db import connection

    from immis.core.installation.kind import require_own_kind
    from immis.web import i18n

    require_own_kind()  # before anything of them is changed
    lacking = _lack_migrations()
    with contextlib.suppress(OSError):  # an installation that only root may write brings them compiled
        i18n.compile_all(only_newer=True)
    if lacking:
        with _migration_lock():
            call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def first_start_lines(url: str) -> list[str]:
    """What the log says while no department is made: where to make it, and the code that the page asks for."""
    setup_django()
    from immis.core.installation.first_start import new_code

    if (code := new_code()) is None:
        return []
    return [f"setup   | no department yet: open {url}setup", f"setup   | one-time code of the first start: {code}"]
