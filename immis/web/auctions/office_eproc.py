"""The bridge to E-Proc at the desk: give a signed export, read what was found ghat by ghat, take over what agrees."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions.selectors.eproc import export_of, exports
from immis.rules.catalogue import Finding
from immis.web.auctions.public import result_words
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, ListPage, Table, list_response, row_form, table_response, to
from immis.web.shell.tags import clause
from immis.web.shell.views import page


class ExportFilter(forms.Form):
    """Filters of the list of exports."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = [("", _("all")), ("agreed", _("Waits to be taken over")), ("differs", _("Differs"))]
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
    acts = PageActs(request, "eproc", None, place="exports", at=clock.now(), default="take_in")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    sieve = ExportFilter(request.GET or {})
    rows = list(exports(request.actor))
    if sieve.is_valid() and (state := sieve.cleaned_data["state"]):
        rows = [row for row in rows if getattr(row, state) and row.replaced_by_id is None]
    shown = ListPage(form=sieve, template="auctions/eproc.html", more={"acts": acts}, status=acts.status)
    return list_response(request, _exports(), rows, shown)


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
    acts = PageActs(request, "eproc", export, place="export", at=clock.now(), default="take_over")
    if request.method == "POST":
        return acts.take_and_leave()
    rows = [_row(outcome) for outcome in export.outcomes.select_related("lot__block")]
    table = _ghats(request, export, may_take=bool(acts.fitting))
    if wanted_format(request):
        return table_response(request, columns=table.columns, rows=rows, name=table.name)
    return render(request, "auctions/eproc_export.html", {"export": export, "ghats": table.listed(rows), "acts": acts})


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


def _ghats(request: HttpRequest, export: Any, *, may_take: bool) -> Table:
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
