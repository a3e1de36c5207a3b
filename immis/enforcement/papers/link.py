"""The secret link by which the accused reads his notice and answers it without a log-in.

The link carries the number of the case and a mark of this installation over it, so that nothing is kept for it and
nobody who knows a number can make one. Who has the link sees this case as the accused does, and may answer it.
"""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from immis.core.errors import NotFound
from immis.enforcement.models import Case

_MARK_CHARS = 24
_SALT = "immis.enforcement.case_link"


def token_of(case: Case) -> str:
    """What stands in the address of a case for its accused."""
    return _mark(case.pk) + f"{case.pk:x}"


def link_of(case: Case) -> str:
    """The whole address, as an SMS carries it."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/c/{token_of(case)}"


def case_of_token(token: str) -> Case:
    """The case that a link names, once its notice is out. Raises NotFound for other texts."""
    mark, text = token[:_MARK_CHARS], token[_MARK_CHARS:]
    number = int(text, 16) if text and len(text) <= 15 and set(text) <= set("0123456789abcdef") else 0
    if not constant_time_compare(mark.encode(), _mark(number).encode()):
        raise NotFound("the link of a case")
    rows = Case.objects.select_related("office", "vehicle", "party").filter(noticed_at__isnull=False)
    if (case := rows.filter(pk=number).first()) is None:
        raise NotFound("the link of a case")
    return case


def _mark(number: int) -> str:
    return salted_hmac(_SALT, str(number), algorithm="sha256").hexdigest()[:_MARK_CHARS]
