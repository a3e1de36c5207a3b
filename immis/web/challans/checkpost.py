"""The officer's check at a check post: number plate, number or QR in, a verdict that is read from two metres out."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.challans import selectors
from immis.core.errors import NotFound
from immis.rules.calendar import india_day, start_of
from immis.rules.catalogue import Finding
from immis.web.challans import words as challan_words
from immis.web.shell.acts import PageActs
from immis.web.shell.components import Action
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


def _table() -> Table:
    def verdict(scan: Any) -> tuple[str, str]:
        answer = selectors.answer_of(scan)
        return scan.verdict, challan_words.headline(challan_words.reason_of(answer, scan.loaded))[1]

    def load(scan: Any) -> str:
        return {True: _("loaded"), False: _("empty")}.get(scan.loaded, "")

    def outcome(scan: Any) -> tuple[str, str] | None:
        return challan_words.OUTCOMES.get(scan.outcome)

    columns = [
        Column(_("At"), "at", "at", on="file"),
        Column(_("Asked"), "asked", on="file"),
        Column(_("Vehicle"), lambda scan: scan.registration or scan.asked, link=to("checkpost_scan", "pk"), on="page"),
        Column(_("At"), "at", "at", under=True, on="page"),
        Column(_("Vehicle"), "registration", on="file"),
        Column(_("E-challan"), "challan.number", under=True),
        Column(_("Loaded or empty"), load, under=True),
        Column(_("Verdict"), verdict, "chip"),
        Column(_("Outcome"), outcome, "chip"),
    ]
    empty = (_("No check today"), _("Each vehicle that you check is recorded here with time and verdict."))
    return Table("checks", _("Check post"), columns, empty)


def _outcomes(scan: Any, acts: PageActs) -> list[Any]:
    """The two outcomes as forms: the one that the verdict speaks for comes first."""
    first = "let_go" if scan.verdict == "good" else "hold"
    return sorted(acts.fitting, key=lambda shown: shown.word != first)


def _box(request: HttpRequest) -> PageActs:
    """The box for the next vehicle."""
    return PageActs(request, "scan", None, place="checkpost", at=clock.now()).alone("check")


@page("checkpost.work")
def checkpost(request: HttpRequest) -> HttpResponse:
    """Check a vehicle; every check is recorded with officer, place, time and verdict (E-118)."""
    acts = _box(request)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    today = selectors.scans(request.actor, since=start_of(india_day(clock.now())))
    more = {"acts": acts, "counts": _counts(today)}
    shown = ListPage(template="challans/checkpost.html", more=more, status=acts.status)
    return list_response(request, _table(), today, shown)


def _counts(scans: Any) -> dict[str, int]:
    result = list(scans.values_list("verdict", flat=True))
    return {state: result.count(state) for state in ("good", "warn", "bad")}


@page("checkpost.work")
def checkpost_scan(request: HttpRequest, pk: int) -> HttpResponse:
    """The verdict of one recorded check, full screen; whether the vehicle is held or let go; the next vehicle."""
    at = clock.now()
    scan = selectors.scans(request.actor, since=at - timedelta(days=1)).filter(pk=pk).first()
    if scan is None:
        raise NotFound(f"check {pk}")
    acts = PageActs(request, "scan", scan, place="verdict", at=at, home=reverse("checkpost"))
    if request.method == "POST" and (done := acts.take()):
        return done
    warning = Finding(scan.facts["warning"], scan.facts["seen"]) if scan.facts.get("warning") else None
    actions: list[Action] = []
    if istp := scan.facts.get("facts", {}).get("istp"):
        url = reverse("istp_pass", args=[istp])
        actions.append(Action(_("Transit pass: record the entry"), url, primary=True))
    if scan.challan:
        actions.append(Action(_("Open the e-challan"), f"/challans/{scan.challan.number}/"))
    verdict = challan_words.verdict_of(
        selectors.answer_of(scan), warning=warning, actions=tuple(actions), loaded=scan.loaded
    )
    told_above = 1 if warning and verdict.state != "bad" else 0
    context = {
        "seen_before": [challan_words.seen_line(row) for row in selectors.seen_before(scan)],
        "warnings": [Finding(row["code"], row["facts"]) for row in scan.facts.get("warnings", ())[told_above:]],
        "verdict": verdict,
        "scan": scan,
        "outcome": challan_words.OUTCOMES.get(scan.outcome),
        "outcomes": _outcomes(scan, acts),
    }
    return render(request, "challans/checkpost_scan.html", context, status=acts.status)
