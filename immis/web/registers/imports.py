"""Importing a sheet in two steps: all rows are checked; then good rows stay and the others come back as a file."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from immis import clock
from immis.adapters.sheets import NoSheet
from immis.core.errors import NotFound
from immis.core.papers.files import path_of
from immis.core.papers.reading import read_upload
from immis.core.papers.uploads import keep
from immis.registers import imports, selectors
from immis.rules.calendar import india_day
from immis.web.registers.words import fault_text
from immis.web.shell import wording
from immis.web.shell.exports import csv_response
from immis.web.shell.views import page

_HELD = "register_sheet"
MOST_BYTES = 20 * 1024 * 1024
_SHOWN = 200


class SheetForm(forms.Form):
    """A CSV or XLSX sheet, and the act that makes its entries."""

    act = forms.ChoiceField(label=gettext_lazy("What the rows are"))
    file = forms.FileField(label=gettext_lazy("Sheet (XLSX or CSV)"))

    def __init__(self, *args: Any, acts: list[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["act"].choices = [(act.name, wording.name_of(act.title)) for act in acts]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(fault_text("long", MOST_BYTES))
        return file


@page("register.list")
def take_in(request: HttpRequest, name: str) -> HttpResponse:
    """Check a sheet, show each cell that cannot be taken, and on the second step take the good rows in."""
    register = selectors.register_of(name, request.actor, india_day(clock.now()))
    acts = [act for act in register.beginning if request.actor.role in act.who]
    if not acts or request.actor.party_id is not None:
        raise NotFound("import")
    context: dict[str, Any] = {"register": register, "title": wording.name_of(register.title), "status": 200}
    held = request.session.get(_HELD, {})
    if request.method == "POST" and request.POST.get("step") in ("take", "rest") and held.get("register") == name:
        act = next((act for act in acts if act.name == held["act"]), None)
        if act is None:
            raise NotFound("act")
        raw = path_of(held["sha256"]).read_bytes()
        sheet = read_upload("sheet", raw)
        if request.POST["step"] == "rest":
            return _rest(register, act, sheet, request)
        outcome = imports.import_sheet(register, act, sheet, raw=raw, by=request.actor, at=clock.now())
        context |= {"outcome": outcome, "misfits": _worded(outcome.misfits), "refused": len(_bad(outcome.misfits))}
    else:
        context |= _check(request, register, acts)
    return render(request, "registers/import.html", context, status=context["status"])


def _check(request: HttpRequest, register: Any, acts: list[Any]) -> dict[str, Any]:
    form = SheetForm(request.POST or None, request.FILES or None, acts=acts)
    if request.method != "POST":
        return {"form": form}
    if not form.is_valid():
        return {"form": form, "status": 422}
    raw = form.cleaned_data["file"].read()
    try:
        sheet = read_upload("sheet", raw)
    except NoSheet:
        form.add_error("file", fault_text("missing", ""))
        return {"form": form, "status": 422}
    act = next(act for act in acts if act.name == form.cleaned_data["act"])
    misfits = imports.check_sheet(register, act, sheet, by=request.actor)
    request.session[_HELD] = {"register": register.name, "act": act.name, "sha256": keep(raw, at=clock.now())}
    bad = _bad(misfits)
    good = 0 if 1 in bad else len(sheet.rows) - len(bad)
    return {"form": form, "checked": len(sheet.rows), "good": good, "misfits": _worded(misfits), "bad": len(bad)}


def _bad(misfits: Any) -> set[int]:
    return {misfit.row for misfit in misfits}


def _worded(misfits: Any) -> list[dict[str, Any]]:
    return [
        {"row": misfit.row, "column": misfit.column, "found": misfit.found[:80], "why": _why(misfit)}
        for misfit in list(misfits)[:_SHOWN]
    ]


def _why(misfit: Any) -> str:
    refusal = misfit.code[:3].isupper() and "-" in misfit.code
    return wording.say((misfit.code, {})) if refusal else fault_text(misfit.code, misfit.allowed)


def _rest(register: Any, act: Any, sheet: Any, request: HttpRequest) -> HttpResponse:
    """The rows that cannot be taken as a sheet of their own, with what is wrong beside each."""
    misfits = imports.check_sheet(register, act, sheet, by=request.actor)
    return csv_response(imports.failed_rows(sheet, misfits), name=f"{register.name}-rest")
