"""The secret link by which a pass opens on its driver's phone without a log-in.

The link carries the pass id and a mark of this installation over it, so that nothing is kept for it and nobody who
reads a QR (which shows the pass id) can make one. Who has the link sees the pass, and nothing else.
"""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from immis.challans.models import Challan
from immis.challans.selectors.challan import WITH_ALL
from immis.core.errors import NotFound

_ID_CHARS, _MARK_CHARS = 16, 24
_SALT = "immis.challans.driver_link"


def token_of(challan: Challan) -> str:
    """What stands in the address of a pass for its driver."""
    return challan.pass_id + _mark(challan.pass_id)


def link_of(challan: Challan) -> str:
    """The whole address, as an SMS carries it."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/p/{token_of(challan)}"


def challan_of_token(token: str) -> Challan:
    """The pass that a link names, also where an amendment has replaced it since. Raises NotFound for other texts."""
    pass_id, mark = token[:_ID_CHARS], token[_ID_CHARS:]
    if not constant_time_compare(mark.encode(), _mark(pass_id).encode()):
        raise NotFound("a driver's link")
    rows = Challan.objects.select_related(*WITH_ALL)
    challan = rows.filter(pass_id=pass_id).first() or rows.filter(changes__superseded=pass_id).first()
    if challan is None:
        raise NotFound("a driver's link")
    return challan


def _mark(pass_id: str) -> str:
    return salted_hmac(_SALT, pass_id, algorithm="sha256").hexdigest()[:_MARK_CHARS]
