"""The filters of lists that a person keeps under names of his own: nobody else sees them, and nothing follows."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.search.models import KeptFilter


def kept_filters(viewer: Actor) -> QuerySet[KeptFilter]:
    """The filters that the viewer keeps, by name."""
    return KeptFilter.objects.filter(user_id=viewer.user_id) if viewer.user_id else KeptFilter.objects.none()


@transaction.atomic
def keep_filter(*, path: str, query: str, name: str, by: Actor, at: datetime) -> KeptFilter:
    """Keep a filter of a list; the same name on the same list is another filter from now on.

    Raises NotPermitted for who is not signed in, Refusal (ACC-12) for more than a person keeps.
    """
    if by.user_id is None:
        raise NotPermitted("nobody is signed in")
    most = int(book().value("ACC-12", at))
    known = kept_filters(by).filter(path=path, name=name).exists()
    if not known and kept_filters(by).count() >= most:
        raise Refusal(Finding("ACC-12", {"most": most}))
    changed = {"query": query, "kept_at": at}
    return KeptFilter.objects.update_or_create(user_id=by.user_id, path=path, name=name, defaults=changed)[0]


def forget_filter(*, pk: int, by: Actor) -> None:
    """Remove a kept filter. Raises NotFound for another person's."""
    if not kept_filters(by).filter(pk=pk).delete()[0]:
        raise NotFound(f"filter {pk}")
