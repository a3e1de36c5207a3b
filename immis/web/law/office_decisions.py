"""Stored decisions of rules: found by their record, opened with their facts, and decided again for an appeal."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import reach_of
from immis.core.nouns import NOUNS
from immis.core.selectors import Decision, decision_numbered, decisions
from immis.enforcement.again.asking import DIFFERS, NOT_KEPT, SAME, ask_again
from immis.rules.policy import book
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.technical import facts_shown
from immis.web.shell.views import page

GRANT = "decision.read"
_OUTCOMES = {
    "issued": ("good", gettext_lazy("issued")),
    "refused": ("bad", gettext_lazy("refused")),
    "warning": ("warn", gettext_lazy("with a warning")),
    "allowed": ("warn", gettext_lazy("allowed with a reason")),
    "ordered": ("info", gettext_lazy("ordered")),
    "deemed": ("info", gettext_lazy("by silence")),
}
_RESULTS = {
    SAME: ("good", gettext_lazy("The law of its day says the same, to the letter.")),
    DIFFERS: ("bad", gettext_lazy("Asked again it comes out otherwise: look at both below.")),
    NOT_KEPT: ("plain", gettext_lazy("It cannot be rebuilt from what was kept; nothing of today was asked instead.")),
}


class DecisionFilter(forms.Form):
    """Decisions of which record."""

    q = forms.CharField(
        label=gettext_lazy("Number of the record"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"type": "search"}),
    )


def _rows(viewer: Actor, number: str) -> Any:
    """The decisions on a record of the viewer's reach; who sees all of the State needs to name none."""
    rows = decisions(viewer)
    if number:
        rows = rows.filter(subject_id=number)
        return rows if all(_is_seen(viewer, kind, number) for kind in _kinds(rows)) else rows.none()
    return rows if reach_of(viewer, GRANT) == "state" else rows.none()


def _kinds(rows: Any) -> set[str]:
    return set(rows.order_by().values_list("subject_kind", flat=True).distinct())


def _is_seen(viewer: Actor, kind: str, number: str) -> bool:
    noun = NOUNS.get(kind)
    if noun is None or noun.find is None:
        return reach_of(viewer, GRANT) == "state"
    try:
        noun.find(number, viewer)
    except NotFound:
        return False
    return True


def _outcome(row: Decision) -> tuple[str, Any]:
    return _OUTCOMES.get(row.outcome, ("plain", row.outcome))


def _title(row: Decision) -> str:
    """The rule in words; an occasion has none of its own."""
    entry = book().entries.get(row.rule_code)
    return wording.name_of(entry.title) if entry else _("All rules of an e-challan")


def _table() -> Table:
    columns = [
        Column(_("Decided at"), "at", "at", link=to("decision", "pk")),
        Column(_("Rule"), _title),
        Column(_("Code"), "rule_code", under=True),
        Column(_("Record"), lambda row: wording.record_kind(row.subject_kind)),
        Column(_("Number"), "subject_id", under=True),
        Column(_("Outcome"), _outcome, "chip"),
    ]
    hint = _("Type the number of an e-challan, a settlement or a case: what rules decided on it stands here.")
    return Table("decisions", _("Decisions of rules"), columns, (_("No decision by this number"), hint))


@page(GRANT)
def index(request: HttpRequest) -> HttpResponse:
    """The decisions on a record, newest first."""
    form = DecisionFilter(request.GET)
    number = form.cleaned_data["q"].strip() if form.is_valid() else ""
    return list_response(request, _table(), _rows(request.actor, number), ListPage(form=form))


@page(GRANT)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision with its facts; sent back to this page it is decided again, which stays in the action log."""
    row = decision_numbered(pk, request.actor)
    if not _is_seen(request.actor, row.subject_kind, row.subject_id):
        raise NotFound(f"decision {pk}")
    asked = ask_again(row, by=request.actor, at=clock.now()) if request.method == "POST" else None
    context = {
        "row": row,
        "title": _title(row),
        "chip": _outcome(row),
        "kind": wording.record_kind(row.subject_kind),
        "facts": facts_shown(row.facts if row.basis is None else row.basis),
        "has_rule": row.rule_code in book().entries,
        "asked": asked,
        "result": _RESULTS[asked.result] if asked else None,
    }
    return render(request, "law/decision.html", context)
