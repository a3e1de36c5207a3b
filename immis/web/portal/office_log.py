"""The action log: who did what, when, in a chain of hashes that headquarters can check on the page."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.core.selectors import action_log, broken_link
from immis.rules.calendar import end_of, start_of
from immis.web.shell import wording
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.technical import act_done, facts_shown
from immis.web.shell.views import page

_MOST_EXPORTED = 50_000


class LogFilter(forms.Form):
    """What to look for in the log."""

    code = forms.CharField(label=gettext_lazy("Act"), required=False, max_length=60)
    subject = forms.CharField(label=gettext_lazy("Record"), required=False, max_length=60)
    from_on = DayField(label=gettext_lazy("From day"), required=False)
    to_on = DayField(label=gettext_lazy("Up to day"), required=False)

    #: a further button of the filter: name, value, words
    acts = (("verify", "1", gettext_lazy("Check the chain")),)

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


def _table() -> Table:
    columns = [
        Column(_("No."), "seq"),
        Column(_("At"), "at", "at"),
        Column(_("Act"), act_done, on="page"),
        Column(_("Act"), "code", on="file"),
        Column(_("Record"), lambda row: wording.record_kind(row.subject_kind), on="page"),
        Column(_("Kind of record"), "subject_kind", on="file"),
        Column(_("Record"), "subject_id", under=True),
        Column(_("Post"), lambda row: wording.role_name(row.role), on="page"),
        Column(_("Post"), "role", on="file"),
        Column(_("User"), "user_id", on="file"),
        Column(_("Facts"), lambda row: facts_shown(row.facts, row.code, row.hash), "html", on="page"),
        Column(_("Facts"), "facts", "facts", on="file"),
        Column(_("Hash"), "hash", "hash", on="file"),
    ]
    hint = _("Each act of a person or of the system adds a line here.")
    return Table("action-log", _("Action log"), columns, (_("Nothing by these filters"), hint))


@page("log.read")
def action_log_page(request: HttpRequest) -> HttpResponse:
    """The log, newest first, with filters; ``?verify=1`` checks the whole chain and says what it found."""
    form = LogFilter(request.GET)
    rows = action_log(request.actor, **form.filters())
    checked = "verify" in request.GET
    more = {"checked": checked, "broken": broken_link() if checked else None}
    shown = ListPage(form=form, template="portal/log.html", rows_a_file=_MOST_EXPORTED, more=more)
    return list_response(request, _table(), rows, shown)
