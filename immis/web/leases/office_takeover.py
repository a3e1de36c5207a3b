"""Settlements that run already: a signed file is checked line by line, and taken over whole."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from immis import clock
from immis.leases import selectors
from immis.leases.services import check_takeover, take_over_settlements
from immis.rules.leases import taken
from immis.rules.policy import book
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response, table_response
from immis.web.shell.views import page

_SHOWN, _MOST_BYTES = 200, 12 * 1024 * 1024
_MOST_SIGNATURE = 64 * 1024


class TakeoverForm(forms.Form):
    """The file, and its detached signature."""

    file = forms.FileField(label=gettext_lazy("File of settlements (CSV)"))
    signature = forms.FileField(
        label=gettext_lazy("Its signature (.sig or .p7s)"),
        required=False,
        help_text=gettext_lazy("Not needed for checking."),
    )

    def clean(self) -> dict[str, Any]:
        """Who takes over hands in the signature; the check does without."""
        sent = super().clean() or {}
        if self.data.get("step") == "take" and not sent.get("signature"):
            self.add_error("signature", _("Nothing is taken over without the signature."))
        if sent.get("file") and sent["file"].size > _MOST_BYTES:
            self.add_error("file", _("The file is too large."))
        return sent


@page("lease.take_over")
def index(request: HttpRequest) -> HttpResponse:
    """Files that were taken over; a new one is checked, its faults are shown or taken along, and it is taken over."""
    form, more, status = TakeoverForm(request.POST or None, request.FILES or None), {}, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            content = form.cleaned_data["file"].read()
            report = check_takeover(content=content, by=request.actor, at=clock.now())
            step = request.POST.get("step")
            if step == "faults":
                return table_response(request, columns=_fault_columns(), rows=report.faults, name="faults")
            if step == "take" and report.good:
                return _taken(request, content, form.cleaned_data)
            more, status = _shown(report), 200 if report.good else 422
    shown = ListPage(template="leases/takeovers.html", more={"entry": form, **more}, status=status)
    return list_response(request, _table(), selectors.takeovers(request.actor), shown)


def _taken(request: HttpRequest, content: bytes, sent: dict[str, Any]) -> HttpResponse:
    row = take_over_settlements(
        content=content,
        signature=sent["signature"].read(_MOST_SIGNATURE),
        file_name=sent["file"].name or "",
        by=request.actor,
        at=clock.now(),
    )
    count = len(row.settlements)
    words = ngettext("%(n)s settlement is taken over.", "%(n)s settlements are taken over.", count) % {"n": count}
    messages.success(request, words)
    return redirect("office_takeovers")


def fault_words(fault: taken.Fault) -> str:
    """What is wrong in a line, in the reader's language."""
    facts = {name: wording.worded_fact(name, value) for name, value in fault.facts.items()}
    return book().words("TKO-01", fault.why, **facts)[wording.lang()]


def _fault_columns() -> list[Column]:
    return [
        Column(_("Line"), "line", "number"),
        Column(_("Column"), "column"),
        Column(_("What is wrong"), fault_words),
    ]


def _shown(report: Any) -> dict[str, Any]:
    """The outcome of a check: what the file holds, and its faults."""
    file = report.file
    return {
        "report": report,
        "faults": Table("faults", "", _fault_columns()).listed(report.faults[:_SHOWN]) if report.faults else None,
        "count": len(report.faults),
        "settlements": len(file.of(taken.Settlement)) if file else 0,
        "paid_paise": file.paid_paise if file else 0,
        "by_deed": report.by_deed,
    }


def _table() -> Table:
    columns = [
        Column(_("Reference"), "reference"),
        Column(_("District"), "district", "district", under=True),
        Column(_("Balances of"), "balances_on", "day"),
        Column(_("Settlements"), lambda row: ", ".join(row.settlements)),
        Column(_("Paid and verified"), "paid_paise", "paise"),
        Column(_("Signed by"), "signed_by"),
        Column(_("Taken over at"), "taken_at", "at"),
        Column("SHA-256", "sha256", "hash"),
    ]
    hint = _("A file of settlements in force with its signature is given above.")
    return Table("takeovers", _("Settlements taken over"), columns, (_("No file was taken over yet"), hint))
