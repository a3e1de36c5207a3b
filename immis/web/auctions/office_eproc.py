"""The bridge to E-Proc at the desk: give a signed export, read what was found ghat by ghat, take over what agrees."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html_join
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
from immis.web.shell.tables import Column, ListPage, Table, list_response, row_form, table_response, to
from immis.web.shell.tags import clause
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
    shown = ListPage(form=sieve, template="auctions/eproc.html", more={"entry": form}, status=status)
    return list_response(request, _exports(), rows, shown)


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


def _exports() -> Table:
    columns = [
        Column(_("Export"), "reference", link=to("office_eproc_export", "pk")),
        Column(_("Notice"), "notice.number", under=True),
        Column(_("District"), "notice.district", "district", under=True),
        Column(_("State"), _standing, "chips", on="page"),
        Column(_("Taken in"), "received_at", "at"),
        Column(_("Signed by"), "signed_by"),
        Column(_("Ghats"), "ghats", "number"),
        Column(_("Agrees, to be taken over"), "agreed", on="file"),
        Column(_("Differs"), "differs", on="file"),
        Column(_("Taken over"), "taken_over", on="file"),
        Column("SHA-256", "sha256", on="file"),
    ]
    hint = _("Exports come over E-Proc's API or are given above as a file with its signature.")
    return Table("eproc", _("Auctions held on E-Proc"), columns, (_("No export yet"), hint))


def _standing(export: Any) -> list[tuple[str, str]]:
    """How many ghats of an export stand in each state, as chips."""
    if export.replaced_by_id:
        return [("plain", _("Replaced by a later export"))]
    counts = [(chip_of(state), getattr(export, state)) for state in ("differs", "agreed", "taken_over")]
    return [(drawn, f"{word}: {count}") for (drawn, word), count in counts if count]


@page("eproc.read")
def office_eproc_export(request: HttpRequest, pk: int) -> HttpResponse:
    """One export: each ghat with E-Proc's result and what our replay found; what agrees can be taken over."""
    export = export_of(pk, request.actor)
    if request.method == "POST":
        return _take_over(request, export)
    rows = [_row(outcome) for outcome in export.outcomes.select_related("lot__block")]
    waits = any(row["outcome"].state == "agreed" for row in rows) and export.replaced_by_id is None
    may_take = waits and may(request.actor, "eproc.take_over")
    table = _ghats(request, export, may_take)
    if wanted_format(request):
        return table_response(request, columns=table.columns, rows=rows, name=table.name)
    context = {"export": export, "ghats": table.listed(rows), "may_take": may_take}
    return render(request, "auctions/eproc_export.html", context)


def _row(row: Any) -> dict[str, Any]:
    stated = row.stated
    return {
        "outcome": row,
        "amount_rupees": stated["amount_rupees"] or None,
        "chip": chip_of(row.state),
        "result": result_words()[stated["result"]][1],
        "winner": wording.name_of(stated["winner"]) if stated["winner"] else "",
        "findings": [Finding(finding["code"], finding["facts"]) for finding in row.findings],
        "name": wording.name_of(row.lot.block) if row.lot else row.ghat,
    }


def _ghats(request: HttpRequest, export: Any, may_take: bool) -> Table:
    def tick(row: dict[str, Any]) -> str:
        shown = may_take and row["outcome"].state == "agreed"
        return row_form(request, "auctions/_eproc_tick.html", outcome=row["outcome"]) if shown else ""

    def findings(row: dict[str, Any]) -> Any:
        worded = ((wording.say(item), clause(item.code, export.received_at)) for item in row["findings"])
        return format_html_join(" ", "{} {}", worded)

    def lot_url(row: dict[str, Any]) -> str:
        return reverse("office_auction", args=[row["outcome"].lot.code]) if row["outcome"].lot else ""

    columns = [
        Column(_("No."), "outcome.serial", "number"),
        Column(_("Ghat"), "name", link=lot_url),
        Column(_("State"), "chip", "chip"),
        Column("", findings, "html", under=True, on="page"),
        Column(_("Result at E-Proc"), "result"),
        Column(_("Amount"), "amount_rupees", "rupees", under=True),
        Column(_("Highest bidder"), "winner", under=True),
        Column(_("Earnest money"), "outcome.stated.emd_rupees", "rupees", on="page"),
        Column(_("Earnest money"), "outcome.stated.emd_reference", under=True),
        Column(_("take over"), tick, "html", on="page"),
        Column(_("What was found"), lambda row: " ".join(wording.say(item) for item in row["findings"]), on="file"),
    ]
    return Table(f"eproc-{export.pk}", _("Ghats"), columns)


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
