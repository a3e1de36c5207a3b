"""What every client of an outside system over HTTP shares."""

import ssl
from functools import cache
from typing import TYPE_CHECKING, Any

from immis.late import late

if TYPE_CHECKING:
    import httpx
else:
    httpx = late("httpx")


@cache
def _trusted() -> ssl.SSLContext:
    """The certificate authorities that are trusted, read once: reading them takes longer than most calls."""
    return httpx.create_ssl_context()


def client(**settings: Any) -> "httpx.Client":
    """An ``httpx.Client`` with these settings; connections are kept between calls."""
    return httpx.Client(verify=_trusted(), **settings)
