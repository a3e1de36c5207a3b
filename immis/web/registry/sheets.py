"""Entering many things from a sheet in two steps: the worker checks every row, then takes in what can be taken."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.adapters.sheets import NoSheet
from immis.core.grants import require_grant
from immis.core.papers.reading import read_upload
from immis.registry.sheets import files
from immis.rules.writing.texts import texts
from immis.web.registry.things import REGISTERS
from immis.web.shell import wording
from immis.web.shell.exports import csv_response
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.views import page

MOST_BYTES = 40 * 1024 * 1024
_SHOWN = 200
STATES = {
    "checking": ("info", gettext_lazy("is being checked")),
    "checked": ("warn", gettext_lazy("checked, nothing taken in yet")),
    "taking": ("info", gettext_lazy("is being taken in")),
    "done": ("good", gettext_lazy("taken in")),
}


class SheetForm(forms.Form):
    """A CSV or XLSX sheet, and why what it changes changes."""

    file = forms.FileField(label=gettext_lazy("Sheet (XLSX or CSV)"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Needed where the sheet changes owners, capacities or standing of what is on record."),
        required=False,
        max_length=300,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than %(mb)d MB.") % {"mb": MOST_BYTES // 1024 // 1024})
        return file


_OF_PEOPLE = {"offices": gettext_lazy("Offices"), "charges": gettext_lazy("Charges")}


def register_name(kind: str) -> str:
    """What the register of a kind of sheets is called."""
    return str(_OF_PEOPLE.get(kind) or next(label for name, label, _grant in REGISTERS if name == kind))


@page("sheet.hand_in")
def index(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand in a sheet of a kind; those that were handed in before, with what became of them."""
    columns = files.kind_of(kind).columns
    require_grant(request.actor, files.kind_of(kind).grant)
    form, status = SheetForm(request.POST or None, request.FILES or None), 200
    if request.method == "POST":
        if form.is_valid() and (row := _handed_in(request, kind, form)):
            return redirect("sheet", kind, row.pk)
        status = 422
    named = [(texts("registry/columns")[name], name in columns.needed, name) for name in columns.readers]
    more = {
        "hand_in": form,
        "kind": kind,
        "register": register_name(kind),
        "back": reverse("office_offices" if kind in _OF_PEOPLE else kind),
        "columns": [(wording.name_of(words), needed, name) for words, needed, name in named],
    }
    shown = ListPage(template="registry/things/sheets.html", more=more, status=status)
    return list_response(request, _table(kind), files.files(request.actor, kind=kind), shown)


def _handed_in(request: HttpRequest, kind: str, form: SheetForm) -> Any:
    """Read the sheet apart and keep it to be checked; None where it is no sheet."""
    file = form.cleaned_data["file"]
    raw = file.read()
    try:
        sheet = read_upload("sheet", raw)
    except NoSheet:
        form.add_error("file", _("This is no sheet: give CSV in UTF-8 or XLSX, with the columns in its first row."))
        return None
    handed = files.Handed(kind, file.name or kind, sheet.head, sheet.rows, form.cleaned_data["reason"])
    return files.hand_in_upload(handed, raw=raw, by=request.actor, at=clock.now())


def _table(kind: str) -> Table:
    columns = [
        Column(_("Sheet"), "name", link=lambda row: reverse("sheet", args=[row.kind, row.pk])),
        Column("SHA-256", "sha256", "hash", under=True),
        Column(_("State"), lambda row: STATES[row.state], "chip"),
        Column(_("Rows"), "rows", "number"),
        Column(_("Entered"), "entered", "number"),
        Column(_("Changed"), "changed", "number"),
        Column(_("Not taken"), "refused", "number"),
        Column(_("Handed in"), "sent_at", "at"),
    ]
    title = _("%(register)s: sheets") % {"register": register_name(kind)}
    return Table("sheets", title, columns, (_("No sheet yet"), _("Sheets that were handed in appear here.")))


@page("sheet.hand_in")
def detail(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """One sheet: how far it is, every row that cannot be taken and why; the second step takes the others in."""
    file = files.file_of(kind, pk, request.actor)
    if request.method == "POST":
        files.take_in(file=file, by=request.actor, at=clock.now())
        messages.success(request, _("The sheet is being taken in."))
        return redirect("sheet", kind, pk)
    if request.GET.get("rest"):
        return _rest(file)
    context = {
        "file": file,
        "register": register_name(file.kind),
        "chip": STATES[file.state],
        "is_on_its_way": file.state in ("checking", "taking"),
        "faults": _faults(file).listed(file.faults[:_SHOWN]),
        "shown": _SHOWN if len(file.faults) > _SHOWN else 0,
        "good": file.rows - file.refused,
    }
    return render(request, "registry/things/sheet.html", context)


def _faults(file: Any) -> Table:
    columns = [
        Column(_("Row"), "row", "number"),
        Column(_("Why it is not taken"), lambda fault: wording.say((fault["code"], fault["facts"]))),
        Column(_("Rule"), "code", under=True),
    ]
    return Table("sheet-faults", _("Rows that are not taken"), columns)


def _rest(file: Any) -> HttpResponse:
    """The rows that are not taken, with the reason beside each, as a sheet of their own."""
    return csv_response(files.failed_rows(file, wording.say), name=f"{file.kind}-rest")
