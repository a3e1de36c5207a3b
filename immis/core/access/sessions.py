"""Sessions in the database, read by a question that is written out: it is asked with every page."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.db import connection
from django.utils import timezone

from immis.core.written import rows_of

_KEPT = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(InDatabase):
    """As Django keeps them; building its question anew for each page took five times as long as the answer."""

    def load(self) -> dict[str, Any]:
        """What the session holds; empty, and without a key, where there is none or it is over."""
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        rows = rows_of(_KEPT, [self.session_key, now])
        if not rows:
            self._session_key = None
            return {}
        return dict(self.decode(rows[0][0]))
