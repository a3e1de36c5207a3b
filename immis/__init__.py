"""IMMIS: integrated mining management information system for a State mines department."""

import os

__version__ = "0.1.0"


def setup_django() -> None:
    """Make the records database usable from a command or a separate process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immis.settings")
    import django

    from immis.private import keep_private

    keep_private()
    django.setup()
