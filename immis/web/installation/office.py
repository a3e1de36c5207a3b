"""What of the installation is not set, for its administrator."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.installation import kind
from immis.core.installation.readiness import Answer, ask_all
from immis.rules.offices import states
from immis.web.shell.districts import district_name
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, Table, table_response
from immis.web.shell.views import page
from immis.web.shell.wording import lang

_STATES = {
    "set": ("good", gettext_lazy("set")),
    "weak": ("warn", gettext_lazy("to be mended")),
    "missing": ("bad", gettext_lazy("not set")),
}
_FAILED = ("bad", gettext_lazy("does not answer"))


def _chip(answer: Answer) -> tuple[str, object]:
    if answer.failed:
        return _FAILED
    state, word = _STATES[answer.finding.state]
    return ("warn" if state == "bad" and not answer.check.needed else state), word


def _table() -> Table:
    columns = [
        Column(_("What is needed"), lambda row: row.check.title),
        Column(_("Now"), lambda row: row.finding.now, under=True),
        Column(_("State"), _chip, "chip"),
        Column(_("tried"), lambda row: row.tried, under=True, named=True),
        Column(_("Without it"), lambda row: row.check.means),
        Column(_("Set by"), lambda row: row.check.mend, "code"),
    ]
    return Table("installation", _("Installation"), columns)


@page("installation.check")
def installation(request: HttpRequest) -> HttpResponse:
    """Every thing that an installation needs: whether it is set, what lacks without it, how it is set.

    A form sent here also reaches for mail service, treasury and gateway, and says how they answered.
    """
    answers = ask_all(at=clock.now(), attempt=request.method == "POST")
    if wanted_format(request):
        return table_response(request, columns=_table().columns, rows=answers, name="installation")
    row = kind.installation()
    context = {
        **_table().listed(answers),
        "department": row,
        "state": states()[row.state]["hi"] if row and row.state in states() and lang() == "hi" else row and row.state,
        "districts": [district_name(name, lang()) for name in row.districts] if row else [],
        "blocking": sum(answer.blocks for answer in answers),
    }
    return render(request, "installation/installation.html", context)
