"""Whether this installation is set up, and whether it is the real one or one to practise on."""

from datetime import datetime

from django.db import DatabaseError, connection

from immis.core.models import Installation
from immis.private import OtherKind, kind_of_settings

#: Asked for with every page, so written out: building it anew took as long as a third of who asks.
_LANGUAGE = "SELECT language FROM core_installation WHERE id = %s"
_KINDS = {True: "training", False: "real"}


def installation() -> Installation | None:
    """The department that this installation was set up for; None before the first run."""
    return Installation.objects.filter(pk=Installation.ONLY).first()


def keep_installation(*, state: str, districts: list[str], language: str, training: bool, at: datetime) -> None:
    """Write down for which department, and for real or to practise, this installation was set up; done once."""
    Installation.objects.create(state=state, districts=districts, language=language, training=training, set_up_at=at)


def first_language(default: str) -> str:
    """The language of a reader who has not chosen: the one of the first run, else ``default``.

    Where the records cannot be read the page says so in the default.
    """
    try:
        with connection.cursor() as cursor:
            row = cursor.execute(_LANGUAGE, [Installation.ONLY]).fetchone()
    except DatabaseError:
        return default
    return row[0] if row else default


def require_own_kind() -> None:
    """Refuse to work with data of the other kind, so that what was practised never counts. Raises OtherKind.

    Records that are not there yet, or not up to date, are of no kind.
    """
    try:
        row = installation()
    except DatabaseError:
        return
    if row is not None and _KINDS[row.training] != kind_of_settings():
        raise OtherKind(
            f"the records are those of a {_KINDS[row.training]} installation and the settings those of a "
            f"{kind_of_settings()} one; set IMMIS_TRAINING={int(row.training)}, or name other records (DATABASE_URL) "
            "and another folder (IMMIS_DATA)"
        )
