"""The action log: who did what, when, in a chain of hashes that headquarters can check on the page."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.core.selectors import action_log, broken_link
from immis.rules.calendar import end_of, start_of
from immis.web.shell.exports import wanted_format
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page

_A_PAGE = 50
_MOST_EXPORTED = 50_000


class LogFilter(forms.Form):
    """What to look for in the log."""

    code = forms.CharField(label=gettext_lazy("Act"), required=False, max_length=60)
    subject = forms.CharField(label=gettext_lazy("Record"), required=False, max_length=60)
    from_on = DayField(label=gettext_lazy("From day"), required=False, widget=forms.DateInput({"type": "date"}))
    to_on = DayField(label=gettext_lazy("Up to day"), required=False, widget=forms.DateInput({"type": "date"}))

    def filters(self) -> dict[str, Any]:
        """The filters of the selector; a wrong one filters nothing and is shown beside its field."""
        wanted = self.cleaned_data if self.is_valid() else {**self.cleaned_data}
        chosen: dict[str, Any] = {}
        if wanted.get("code"):
            chosen["code__startswith"] = wanted["code"]
        if wanted.get("subject"):
            chosen["subject_id__startswith"] = wanted["subject"]
        if wanted.get("from_on"):
            chosen["at__gte"] = start_of(wanted["from_on"])
        if wanted.get("to_on"):
            chosen["at__lt"] = end_of(wanted["to_on"])
        return chosen


def _columns() -> list[Column]:
    return [
        Column(_("No."), "seq"),
        Column(_("At"), "at", "at"),
        Column(_("Act"), "code"),
        Column(_("Kind of record"), "subject_kind"),
        Column(_("Record"), "subject_id"),
        Column(_("Post"), "role"),
        Column(_("User"), "user_id"),
        Column(_("Facts"), lambda row: row.facts or ""),
        Column(_("Hash"), "hash"),
    ]


@page("log.read")
def action_log_page(request: HttpRequest) -> HttpResponse:
    """The log, newest first, with filters; ``?verify=1`` checks the whole chain and says what it found."""
    form = LogFilter(request.GET)
    rows = action_log(request.actor, **form.filters())
    if wanted_format(request):
        return table_response(request, columns=_columns(), rows=rows[:_MOST_EXPORTED], name="action-log")
    checked = "verify" in request.GET
    return render(
        request,
        "portal/log.html",
        {
            "form": form,
            "page": Paginator(rows, _A_PAGE).get_page(request.GET.get("page")),
            "checked": checked,
            "broken": broken_link() if checked else None,
        },
    )
