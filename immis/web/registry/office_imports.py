"""A file of offices or charges (CSV, XLSX): every fault with its row, then its progress as the worker takes it in."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.adapters.sheets import NoSheet
from immis.core.papers.reading import read_upload
from immis.registry.offices import COLUMNS as OFFICE_COLUMNS
from immis.registry.offices import OddFile
from immis.registry.people import imports
from immis.rules.people_rows import COLUMNS
from immis.web.shell.views import page

_MOST_BYTES = 12 * 1024 * 1024
_SHOWN = 200


class SheetForm(forms.Form):
    """A sheet of offices or charges."""

    file = forms.FileField(label=gettext_lazy("Sheet (XLSX or CSV)"))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > _MOST_BYTES:
            mb = _MOST_BYTES // 1024 // 1024
            raise forms.ValidationError(_("The file is larger than %(mb)d MB.") % {"mb": mb})
        return file


@page("charge.give")
def take_in(request: HttpRequest) -> HttpResponse:
    """Check a file as a whole; one with a fault is not taken, and each fault is shown with its row."""
    form, faults = SheetForm(request.POST or None, request.FILES or None), ()
    if request.method == "POST" and form.is_valid():
        raw, at = form.cleaned_data["file"].read(), clock.now()
        try:
            file = imports.read_file(read_upload("sheet", raw), by=request.actor, at=at)
            run = imports.begin_import(raw=raw, file=file, by=request.actor, at=at)
            return redirect("people_import_progress", run.pk)
        except NoSheet:
            form.add_error("file", _("This is no sheet: CSV in UTF-8 or XLSX, with a head."))
        except OddFile as odd:
            faults = odd.faults
    context = {
        "form": form,
        "faults": faults[:_SHOWN],
        "fault_count": len(faults),
        "charge_columns": ", ".join(COLUMNS),
        "office_columns": ", ".join(OFFICE_COLUMNS),
    }
    return render(request, "registry/people_import.html", context, status=422 if form.errors or faults else 200)


@page("charge.give")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a file has come; the page asks again by itself until it is in."""
    run = imports.import_of(request.actor, pk)
    return render(request, "registry/people_import_progress.html", {"run": run})
