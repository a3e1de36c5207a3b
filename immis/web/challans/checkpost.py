"""The officer's check at a check post: number plate, number or QR in, a verdict that is read from two metres out."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.challans import selectors, services
from immis.challans.pass_text import MAX_TEXT_CHARS
from immis.core.errors import NotFound
from immis.registry import selectors as registry
from immis.rules.calendar import india_day, start_of
from immis.rules.catalogue import Finding
from immis.web.challans import words as challan_words
from immis.web.shell.components import Action
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_PLATE = re.compile(r"[A-Z]{2}\d{2}[A-Z]{1,3}\d{1,4}")


class ScanForm(forms.Form):
    """One box for everything that an officer can read: plate, number, QR."""

    q = forms.CharField(
        label=gettext_lazy("Vehicle number, e-challan number or QR"),
        max_length=MAX_TEXT_CHARS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "autocapitalize": "characters"}),
    )


def _table() -> Table:
    def verdict(scan: Any) -> tuple[str, str]:
        return scan.verdict, challan_words.headline(scan.reason)[1]

    columns = [
        Column(_("At"), "at", "at", on="file"),
        Column(_("Asked"), "asked", on="file"),
        Column(_("Vehicle"), lambda scan: scan.registration or scan.asked, link=to("checkpost_scan", "pk"), on="page"),
        Column(_("At"), "at", "at", under=True, on="page"),
        Column(_("Vehicle"), "registration", on="file"),
        Column(_("E-challan"), "challan.number", under=True),
        Column(_("Verdict"), verdict, "chip"),
    ]
    empty = (_("No check today"), _("Each vehicle that you check is recorded here with time and verdict."))
    return Table("checks", _("Check post"), columns, empty)


def _here(request: HttpRequest) -> tuple[float | None, float | None]:
    """Where this check post stands, when its office has a place of the same code."""
    place = registry.places("checkpost").filter(code=request.actor.office_code).first()
    return (place.lat, place.lon) if place else (None, None)


def _check(text: str, at: Any) -> selectors.CheckAnswer:
    """What has the form of a registration mark is a vehicle; everything else is a number or a pass."""
    if not selectors.looks_like_pass(text) and _PLATE.fullmatch(registry.plate(text)):
        return selectors.check_vehicle(text, at)
    return selectors.check_challan(text, at)


@page("checkpost.work")
def checkpost(request: HttpRequest) -> HttpResponse:
    """Check a vehicle; every check is recorded with officer, place, time and verdict (E-118)."""
    at = clock.now()
    form = ScanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        lat, lon = _here(request)
        answer = _check(form.cleaned_data["q"].strip(), at)
        scan, _warning = services.record_scan(answer=answer, by=request.actor, at=at, lat=lat, lon=lon)
        return redirect("checkpost_scan", scan.pk)
    today = selectors.scans(request.actor, since=start_of(india_day(at)))
    more = {"ask": form, "counts": _counts(today)}
    shown = ListPage(template="challans/checkpost.html", more=more, status=422 if form.errors else 200)
    return list_response(request, _table(), today, shown)


def _counts(scans: Any) -> dict[str, int]:
    result = list(scans.values_list("verdict", flat=True))
    return {state: result.count(state) for state in ("good", "warn", "bad")}


@page("checkpost.work")
def checkpost_scan(request: HttpRequest, pk: int) -> HttpResponse:
    """The verdict of one recorded check, full screen, and the box for the next vehicle."""
    scan = selectors.scans(request.actor, since=clock.now() - timedelta(days=1)).filter(pk=pk).first()
    if scan is None:
        raise NotFound(f"check {pk}")
    warning = Finding(scan.facts["warning"], scan.facts["seen"]) if scan.facts.get("warning") else None
    actions: list[Action] = []
    if scan.challan:
        actions.append(Action(_("Open the e-challan"), f"/challans/{scan.challan.number}/"))
    verdict = challan_words.verdict_of(selectors.answer_of(scan), warning=warning, actions=tuple(actions))
    return render(request, "challans/checkpost_scan.html", {"verdict": verdict, "form": ScanForm(), "scan": scan})
