"""The bridge to E-Proc at the desk: give a signed export, read what was found ghat by ghat, take over what agrees."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from immis import clock
from immis.auctions.selectors.eproc import export_of, exports
from immis.auctions.services.eproc import take_in_export
from immis.auctions.services.eproc_result import take_over
from immis.core.errors import Refusal
from immis.core.grants import may
from immis.rules.catalogue import Finding
from immis.web.auctions.public import result_words
from immis.web.shell import wording
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page

_MOST_SIGNATURE = 400


class ExportForm(forms.Form):
    """A signed export: the file, and its detached signature as a file or as text."""

    file = forms.FileField(label=gettext_lazy("Export of E-Proc (JSON or CSV)"))
    signature = forms.FileField(label=gettext_lazy("Its signature (.sig)"), required=False)
    text = forms.CharField(
        label=gettext_lazy("or the signature as text"),
        help_text="ed25519:… / hmac-sha256:…",
        required=False,
        max_length=_MOST_SIGNATURE,
    )


class ExportFilter(forms.Form):
    """Filters of the list of exports."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = [("", _("All")), ("agreed", _("Waits to be taken over")), ("differs", _("Differs"))]
        self.fields["state"] = forms.ChoiceField(label=_("State"), required=False, choices=choices)


def chip_of(state: str) -> tuple[str, str]:
    """How one ghat of an export stands, as a chip."""
    return {
        "agreed": ("warn", _("Agrees, to be taken over")),
        "differs": ("bad", _("Differs")),
        "taken_over": ("good", _("Taken over")),
    }[state]


@page("eproc.read")
def office_eproc(request: HttpRequest) -> HttpResponse:
    """Exports taken in, and a new one."""
    form = ExportForm()
    status = 200
    if request.method == "POST":
        form = ExportForm(request.POST, request.FILES)
        if form.is_valid():
            return _take_in(request, form.cleaned_data)
        status = 422
    sieve = ExportFilter(request.GET or {})
    rows = list(exports(request.actor))
    if sieve.is_valid() and (state := sieve.cleaned_data["state"]):
        rows = [row for row in rows if getattr(row, state) and row.replaced_by_id is None]
    if wanted_format(request):
        return table_response(request, columns=_columns(), rows=rows, name="eproc")
    context = {"form": form, "filter": sieve, "exports": rows}
    return render(request, "auctions/eproc.html", context, status=status)


def _take_in(request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
    signature = given["text"]
    if given["signature"]:
        signature = given["signature"].read(_MOST_SIGNATURE).decode("ascii", "replace")
    export = take_in_export(
        content=given["file"].read(),
        signature=signature,
        filename=given["file"].name,
        source="file",
        by=request.actor,
        at=clock.now(),
    )
    messages.success(request, _("The export is taken in and checked; nothing is settled yet."))
    return redirect("office_eproc_export", pk=export.pk)


def _columns() -> list[Column]:
    return [
        Column(_("Export"), "reference"),
        Column(_("Notice"), "notice.number"),
        Column(_("District"), "notice.district"),
        Column(_("Taken in"), "received_at", "at"),
        Column(_("Signed by"), "signed_by"),
        Column(_("Ghats"), "ghats"),
        Column(_("Agrees, to be taken over"), "agreed"),
        Column(_("Differs"), "differs"),
        Column(_("Taken over"), "taken_over"),
        Column("SHA-256", "sha256"),
    ]


@page("eproc.read")
def office_eproc_export(request: HttpRequest, pk: int) -> HttpResponse:
    """One export: each ghat with E-Proc's result and what our replay found; what agrees can be taken over."""
    export = export_of(pk, request.actor)
    if request.method == "POST":
        return _take_over(request, export)
    rows = [_row(outcome) for outcome in export.outcomes.select_related("lot__block")]
    if wanted_format(request):
        return table_response(request, columns=_ghat_columns(), rows=rows, name=f"eproc-{export.pk}")
    waits = any(row["one"].state == "agreed" for row in rows) and export.replaced_by_id is None
    may_take = waits and may(request.actor, "eproc.take_over")
    context = {"export": export, "rows": rows, "may_take": may_take}
    return render(request, "auctions/eproc_export.html", context)


def _row(row: Any) -> dict[str, Any]:
    stated = row.stated
    return {
        "one": row,
        "chip": chip_of(row.state),
        "result": result_words()[stated["result"]][1],
        "winner": wording.name_of(stated["winner"]) if stated["winner"] else "",
        "findings": [Finding(finding["code"], finding["facts"]) for finding in row.findings],
        "name": wording.name_of(row.lot.block) if row.lot else row.ghat,
    }


def _ghat_columns() -> list[Column]:
    return [
        Column(_("No."), "one.serial"),
        Column(_("Ghat"), "name"),
        Column(_("State"), lambda row: row["chip"][1]),
        Column(_("Result at E-Proc"), "result"),
        Column(_("Amount"), lambda row: row["one"].stated["amount_rupees"]),
        Column(_("Highest bidder"), "winner"),
        Column(_("Earnest money"), lambda row: row["one"].stated["emd_reference"]),
        Column(_("What was found"), lambda row: " ".join(wording.say(item) for item in row["findings"])),
    ]


def _take_over(request: HttpRequest, export: Any) -> HttpResponse:
    """Take over the ghats whose earnest money the officer ticked as seen; each on its own."""
    wanted = set(request.POST.getlist("seen"))
    taken = 0
    for outcome in [row for row in export.outcomes.order_by("serial") if str(row.pk) in wanted]:
        try:
            take_over(outcome=outcome, emd_seen=True, by=request.actor, at=clock.now())
            taken += 1
        except Refusal as refusal:
            for finding in refusal.findings:
                messages.error(request, f"{outcome.serial}. {wording.say(finding)}")
    if taken:
        text = ngettext("%(n)d result is taken over.", "%(n)d results are taken over.", taken)
        messages.success(request, text % {"n": taken})
    elif not wanted:
        messages.error(request, _("Tick the ghats whose earnest money you have seen."))
    return redirect("office_eproc_export", pk=export.pk)
