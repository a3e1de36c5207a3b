"""The tag that draws the kept filters of a list as chips, with the form that keeps the one that is shown."""

from typing import Any

from django import template
from django.http import HttpRequest

from immis.search.kept_filters import kept_filters

register = template.Library()
#: What of an address is no filter: which page of the list, and in which form it is taken along.
_NO_FILTER = ("page", "format")


def filter_of(request: HttpRequest) -> str:
    """What is asked of a list, without what is empty."""
    asked = request.GET.copy()
    for name in list(asked):
        given = [value for value in asked.getlist(name) if value.strip()]
        if name in _NO_FILTER or not given:
            del asked[name]
        else:
            asked.setlist(name, given)
    return asked.urlencode()


@register.inclusion_tag("filters/chips.html", takes_context=True)
def kept_filters_of_list(context: Any, form: Any = None) -> dict[str, Any]:
    """``{% kept_filters_of_list form %}``: the reader's own filters of this list; nothing for who is not signed in."""
    request = context.get("request")
    actor = getattr(request, "actor", None)
    if actor is None or actor.user_id is None or request.method != "GET":
        return {"rows": (), "query": ""}
    path, query = getattr(form, "address", "") or request.path, filter_of(request)
    rows = [row for row in kept_filters(actor).filter(path=path)]
    known = any(row.query == query for row in rows)
    return {
        "rows": [{"row": row, "here": row.query == query} for row in rows],
        "path": path,
        "query": "" if known else query,
        "csrf_token": context.get("csrf_token"),
    }
