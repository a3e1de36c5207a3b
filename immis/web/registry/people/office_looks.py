"""The access log: who looked at which personal trail, when and why, and whom the department answered about data."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.selectors import looks
from immis.registry.people import logins
from immis.registry.selectors import plate
from immis.rules.calendar import end_of, start_of
from immis.web.shell import wording
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.views import page

_MOST_EXPORTED = 50_000


class LookFilter(forms.Form):
    """Which looks to show."""

    vehicle = forms.CharField(label=gettext_lazy("Vehicle"), required=False, max_length=20)
    person = forms.CharField(label=gettext_lazy("User name"), required=False, max_length=60)
    from_on = DayField(label=gettext_lazy("From day"), required=False)
    to_on = DayField(label=gettext_lazy("Up to day"), required=False)

    def filters(self) -> dict[str, Any]:
        """The filters of the selector."""
        wanted = self.cleaned_data if self.is_valid() else {}
        chosen: dict[str, Any] = {}
        if wanted.get("vehicle"):
            chosen["subject_id__startswith"] = plate(wanted["vehicle"])
        if wanted.get("person"):
            chosen["user_id__in"] = logins.like(wanted["person"]).values("pk")
        if wanted.get("from_on"):
            chosen["at__gte"] = start_of(wanted["from_on"])
        if wanted.get("to_on"):
            chosen["at__lt"] = end_of(wanted["to_on"])
        return chosen


@page("look.oversee")
def index(request: HttpRequest) -> HttpResponse:
    """Looks at the trails of vehicles by the people of the jurisdiction, newest first; filter and export."""
    form = LookFilter(request.GET)
    rows = looks(**form.filters())
    if not request.actor.statewide:
        rows = rows.filter(user_id__in=logins.people(request.actor, at=clock.now()).values("pk"))
    shown = ListPage(form=form, template="registry/people/looks.html", rows_a_file=_MOST_EXPORTED, prepare=_named)
    return list_response(request, look_table(), rows, shown)


def _named(rows: Any) -> list[Any]:
    """Looks with the names of who looked."""
    rows = list(rows)
    people = logins.by_number({row.user_id for row in rows})
    for row in rows:
        row.person = people.get(row.user_id)
    return rows


def look_table(*, with_person: bool = True) -> Table:
    """Looks at trails: when, whose, why, over which time, and by whom; without the person the post alone."""
    person = [Column(_("Person"), lambda row: wording.name_of(row.person) if row.person else str(row.user_id or ""))]
    columns = [
        Column(_("At"), "at", "at"),
        Column(_("Vehicle"), "subject_id"),
        *(person if with_person else []),
        Column(_("Post"), lambda row: wording.role_name(row.role)),
        Column(_("Why"), lambda row: row.facts.get("reason", "")),
        Column(_("Trail from"), lambda row: row.facts.get("start"), "at"),
        Column(_("Trail until"), lambda row: row.facts.get("end"), "at"),
    ]
    hint = _("Who reads where a vehicle drove says why, and stands here.")
    return Table("looks", _("Looks at personal trails"), columns, (_("Nobody looked"), hint))
