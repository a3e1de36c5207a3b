"""Cases: evidence on one time axis and on the map, the path of the case, and the officer's acts (A-15, A-16, A-24)."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.selectors import history_of
from immis.enforcement import selectors
from immis.enforcement.gates import computation_of
from immis.enforcement.services.steps import OFFENCES
from immis.rules.calendar import india_day
from immis.rules.movement.offences import offence
from immis.rules.policy import book
from immis.web.enforcement import case_words, words
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.components import ReasonCard, Signal, Step
from immis.web.shell.record import Link, Record, Tab, coming, link_to, links
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_A_PAGE = 50


class CaseFilter(forms.Form):
    """Which cases to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("all")), *words.CASE_STATES.items()]
    )
    offence = forms.ChoiceField(
        label=gettext_lazy("Offence"),
        required=False,
        choices=lambda: [("", _("all")), *((code, words.offence(code)) for code in OFFENCES)],
    )
    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )

    def query(self) -> Q:
        wanted = self.cleaned_data if self.is_valid() else {}
        chosen = Q()
        for name in ("state", "offence"):
            if wanted.get(name):
                chosen &= Q(**{name: wanted[name]})
        if text := wanted.get("q"):
            result = Q(number__icontains=text) | Q(vehicle__registration__icontains=text)
            chosen &= result | Q(challan_number__icontains=text)
        return chosen


def _penalty(case: Any) -> int | None:
    """What was ordered, else what is proposed."""
    return case.ordered_paise if case.ordered_paise is not None else case.proposed_paise or None


def _unverified(case: Any) -> tuple[str, str] | None:
    """That the figure of the table comes from no law that we have seen, as long as nothing else is ordered."""
    if case.ordered_paise is not None or not case.proposed_paise:
        return None
    rests = computation_of(case).is_unverified
    return ("warn", _("not verified")) if rests else None


def _table() -> Table:
    columns = [
        Column(_("Case"), "number", link=to("office_case", "number")),
        Column(_("Offence"), lambda case: words.offence(case.offence)),
        Column(_("Vehicle"), "vehicle.registration"),
        Column(_("Party"), "party", "name"),
        Column(_("Settlement"), "lease_code", on="file"),
        Column(_("E-challan"), "challan_number", on="file"),
        Column(_("Seen at"), "occurred_at", "at"),
        Column(_("Penalty"), _penalty, "paise", on="page"),
        Column(_("Figure of the table"), _unverified, "chip", under=True),
        Column(_("Proposed"), "proposed_paise", "paise", on="file"),
        Column(_("Ordered"), "ordered_paise", "paise", on="file"),
        Column(_("State"), words.case_chip, "chip"),
        Column(_("Outcome"), "outcome", on="file"),
    ]
    hint = _("A case opens by itself when a device is tampered with, or from a task on the desk.")
    return Table("cases", _("Cases"), columns, (_("No case here"), hint))


@page("case.oversee")
def office_cases(request: HttpRequest) -> HttpResponse:
    """The cases that this post may see, newest first, with filters and export (A-15, A-24)."""
    form = CaseFilter(request.GET)
    rows = selectors.cases(request.actor).filter(form.query())
    counts = [(words.CASE_STATES[state], n) for state, n in selectors.case_counts(request.actor).items()]
    shown = ListPage(form=form, template="enforcement/cases.html", more={"counts": counts})
    return list_response(request, _table(), rows, shown)


def _signals(case: Any) -> list[Signal]:
    """The evidence of a case as marks on one time axis; each opens its raw record below."""
    marks = []
    for index, seen in enumerate(case.evidence.get("signals", ()), start=1):
        grade = "bad" if seen.get("grade", "strong") == "strong" else "warn"
        name = words.SIGNALS.get(seen.get("signal", ""), seen.get("signal") or words.offence(case.offence))
        at, fix_at = map(wording.as_instant, (seen.get("seen_at") or seen.get("issued_at"), seen.get("fix_at")))
        at = at if isinstance(at, datetime) else case.occurred_at
        marks.append(Signal(at, str(_("Device")), str(name), grade, f"#evidence-{index}"))
        if isinstance(fix_at, datetime):
            label = _("GPS position %(away)s away") % {"away": wording.distance(seen.get("distance_m"))}
            marks.append(Signal(fix_at, str(_("GPS position")), label, "info", f"#evidence-{index}"))
    return marks


def _path(case: Any) -> list[Step]:
    """The gates of a case with their dates."""
    gates = [
        (_("Opened"), case.opened_at, ""),
        (_("Notice to reply"), case.noticed_at, "CAS-01"),
        (_("Reply"), case.replied_at, "CAS-02"),
        (_("Order"), case.ordered_at, offence(case.offence).table),
        (_("Payment"), case.paid_at, ""),
        (_("Outcome"), case.closed_at, ""),
    ]
    steps, now_given = [], False
    for label, at, clause in gates:
        if at is not None:
            state, note = "done", wording.clock_time(at)
        elif case.state in selectors.ENDED or (label == _("Reply") and case.ordered_at):
            state, note = "todo", _("not needed")
        else:
            state, note = ("todo" if now_given else "now"), ""
            now_given = True
            if label == _("Reply") and case.reply_due_at:
                note = _("awaited until %(at)s") % {"at": wording.day(case_words.reply_until(case))}
        steps.append(Step(str(label), state, str(note), clause))
    return steps


def _standing_bar(bar: Any, title: str) -> ReasonCard:
    """A bar that stands, with its end; or that is over, or was lifted by a decision."""
    until = wording.clock_time(bar.until)
    if bar.lifted_at is not None:
        state, words = "plain", _("Lifted at %(at)s by %(by)s")
        words %= {"at": wording.clock_time(bar.lifted_at), "by": bar.lift_reference}
    elif bar.until is not None and bar.until <= clock.now():
        state, words = "good", _("Over since %(at)s") % {"at": until}
    else:
        state, words = "bad", _("No e-challan until %(at)s") % {"at": until}
    return ReasonCard(state, words, title, selectors.BAR, "")


def bar_card(case: Any) -> ReasonCard | None:
    """The three-month bar (A-16) as it stands: proposed and not in force, or the value that applies."""
    if case.offence != "gps_tamper":
        return None
    entry = book().entry(selectors.BAR)
    if (bar := selectors.bar_of(case)) is not None:
        return _standing_bar(bar, wording.name_of(entry.title))
    waiting = book().proposals("TRG-06")
    if waiting:
        return ReasonCard(
            state="plain",
            title=_("Proposed, not in force"),
            what=wording.name_of(entry.title),
            why_code="TRG-06",
            why_text=wording.note_of(entry),
            lifts=_("Nothing is stopped: the bar waits for an approval with its reference."),
        )
    applied = entry.values[-1]
    text = _("Approved by %(approval)s") % {"approval": applied.approval}
    return ReasonCard("bad", _("Applies"), wording.name_of(entry.title), "TRG-06", text)


@page("case.decide")
def office_case_new(request: HttpRequest) -> HttpResponse:
    """Open a case of what an officer found, with his image or paper (E-163 to E-165)."""
    acts = PageActs(request, "case", None, place="new", at=clock.now()).alone("open")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    return render(request, "enforcement/case_new.html", {"acts": acts}, status=acts.status)


@page("case.oversee", write="case.decide")
def office_case(request: HttpRequest, number: str) -> HttpResponse:
    """One case: evidence, position, path, proposed bar, history and the acts open to the officer (A-15, A-16, A-24)."""
    case = selectors.case_of(request.actor, number)
    acts = PageActs(request, "case", case, place="case", at=clock.now())
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {**_shown(case), "acts": acts}
    context["record"] = _record(request.actor, case, context)
    return render(request, "enforcement/case.html", context, status=acts.status)


def _record(viewer: Actor, case: Any, known: dict[str, Any]) -> Record:
    """A case as a record: what and where it stands, the act that is next, its path, what it is linked with."""
    tabs = [
        Tab("summary", "enforcement/case/summary.html"),
        Tab("orders", "enforcement/case/path.html"),
        Tab("history", "enforcement/_history.html"),
    ]
    vehicle = case.vehicle.registration if case.vehicle else ""
    awaited = case.state == "noticed" and case.replied_at is None
    dates = [(_("Reply"), case_words.reply_until(case), True)] if awaited and case.reply_due_at else []
    return Record(
        name=f"{_('Case')} {case.number}: {known['offence']}",
        number=case.number,
        chip=words.case_chip(case),
        tabs=tabs,
        facts=[
            vehicle,
            wording.name_of(case.party),
            wording.clock_time(case.occurred_at),
            wording.name_of(case.office),
        ],
        links=_links(viewer, case, vehicle),
        dates=coming(dates, today=india_day(clock.now())),
    )


def _links(viewer: Actor, case: Any, vehicle: str) -> list[Link]:
    others = selectors.cases(viewer, vehicle=case.vehicle).exclude(pk=case.pk).count() if vehicle else 0
    party = case.party
    return links(
        link_to(viewer, vehicle, "vehicle", vehicle, count="›") if vehicle else None,
        link_to(viewer, _("Other cases of this vehicle"), "office_cases", query=f"q={vehicle}", count=others),
        link_to(viewer, wording.name_of(party), "office_party", party.code, count="›") if party else None,
        link_to(viewer, _("Settlement"), "office_lease", case.lease_code, count="›") if case.lease_code else None,
        link_to(viewer, _("E-challan"), "challan", case.challan_number, count="›") if case.challan_number else None,
        link_to(viewer, _("Demand"), "office_demand", case.demand_number, count="›") if case.demand_number else None,
    )


@require_POST
@page("case.decide")
def case_act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Do one act on a case at an address of its own (A-15); a refusal says which clause refuses."""
    case, here = selectors.case_of(request.actor, number), reverse("office_case", args=[number])
    return PageActs(request, "case", case, place="case", at=clock.now(), default=act, home=here).take_and_leave()


def _shown(case: Any) -> dict[str, Any]:
    """A case as its page shows it."""
    seen, computation = case.evidence.get("signals", []), computation_of(case)
    return {
        "case": case,
        "offence": words.offence(case.offence),
        "signals": _signals(case),
        "evidence": [
            {
                "n": n,
                "rows": words.plain_rows(row),
                "technical": words.technical_rows(row),
                "file": words.link("office_case_file", case.number, row["document"]) if row.get("document") else "",
            }
            for n, row in enumerate(seen, 1)
        ],
        "placed": any(row.get("lat") is not None for row in seen),
        "path": _path(case),
        "bar": bar_card(case),
        "unverified": computation.is_unverified,
        "computation": computation,
        "sums": case_words.sum_rows(computation),
        "papers": [
            {
                "number": row.number,
                "words": case_words.paper(row.number),
                "url": words.link("office_case_paper", case.number, row.number),
            }
            for row in case.papers.order_by("pk")
        ],
        "replies": case_words.reply_rows(case, "office_case_file"),
        "hearings": case_words.hearing_rows(case),
        "appeals": case_words.appeal_rows(case, "office_case_file", today=india_day(clock.now())),
        "served": case_words.service_rows(case),
        "table_code": offence(case.offence).table,
        "law": offence(case.offence),
        "accused": words.accused(case.offence),
        "history": words.log_lines(history_of("case", case.number)),
        "sent": words.sent_about("case", case.number),
        "challan_url": words.subject_link("challan", case.challan_number, {}) if case.challan_number else "",
        "lease_url": words.link("office_lease", case.lease_code) if case.lease_code else "",
    }


@page("case.oversee")
def case_map(request: HttpRequest, number: str) -> JsonResponse:
    """Where the signals of a case were seen, as GeoJSON for the map of its page (A-24)."""
    case = selectors.case_of(request.actor, number)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [seen["lon"], seen["lat"]]},
            "properties": {
                "id": f"evidence-{index}",
                "kind": "vehicle",
                "name": seen.get("registration", ""),
                "state": "bad",
                "url": f"{reverse('office_case', args=[case.number])}#evidence-{index}",
            },
        }
        for index, seen in enumerate(case.evidence.get("signals", ()), start=1)
        if seen.get("lat") is not None and seen.get("lon") is not None
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")
