"""Notices at the district's desk: give a file, read what was found in it, take it in."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from immis import clock
from immis.adapters.notices import NoticeUnreadable
from immis.auctions import selectors, services
from immis.core.papers import uploads
from immis.core.papers.files import path_of
from immis.rules.land.geometry import area_ha
from immis.rules.notices.facts import LABELS, NoticeFacts, label_of
from immis.rules.policy import book
from immis.web.auctions.words import named_beside
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_HELD = "notice_checked"


class NoticeForm(forms.Form):
    """A notice as a file."""

    file = forms.FileField(
        label=gettext_lazy("Notice as text, CSV or XLSX"),
        help_text=gettext_lazy("The published text as it stands, or the table of ghats. Nothing is taken in yet."),
    )


@dataclass(frozen=True)
class FoundRow:
    """One finding as the report shows it, linked to its row."""

    code: str
    severity: str
    row: int | None
    column: str
    found: str
    expected: str
    message: str

    @property
    def chip(self) -> tuple[str, str]:
        return ("bad", _("Error")) if self.severity == "error" else ("warn", _("Warning"))


def worded(finding: Any) -> FoundRow:
    """A finding of the check (or as it was kept with a notice) in the reader's language."""
    given = finding if isinstance(finding, dict) else finding.__dict__
    words, column = given.get("words") or {}, given["column"]
    return FoundRow(
        code=given["code"],
        severity=given["severity"],
        row=given["row"],
        column=label_of(column, wording.lang()) if column in LABELS else column,
        found=given["found"],
        expected=given["expected"],
        message=words.get(wording.lang()) or words.get("en") or given["code"],
    )


def district_word(name: str) -> str:
    """A district in the reader's language, where its Hindi name is kept (GHT-01)."""
    known = book().value("GHT-01", clock.now())["districts"]
    return known.get(name, name) if wording.lang() == "hi" else name


def _report(facts: NoticeFacts, findings: list[Any]) -> dict[str, Any]:
    """What the check of a file shows before it is taken in."""
    lang = wording.lang()
    by_row = {finding.row for finding in findings if finding.row}
    ghats = [
        {
            "ghat": ghat,
            "computed": round(area_ha([(corner.lat, corner.lon) for corner in ghat.corners]), 2)
            if len(ghat.corners) > 2
            else None,
            "marked": ghat.serial in by_row,
        }
        for ghat in facts.ghats
    ]
    errors = [entry for entry in findings if entry.severity == "error"]
    return {
        "facts": facts,
        "district": district_word(facts.district),
        "ghats": ghats,
        "programme": [(label_of(step, lang), when) for step, when in facts.programme.steps()],
        "errors": len(errors),
        "warnings": len(findings) - len(errors),
        "findings": [worded(entry) for entry in sorted(findings, key=lambda item: item.severity != "error")],
    }


@page("notice.oversee")
def office_notices(request: HttpRequest) -> HttpResponse:
    """Notices taken in, and a new one: first checked, then taken in."""
    if request.method == "POST" and request.POST.get("act") == "import":
        return _import(request)
    form, context, status = NoticeForm(), {}, 200
    if request.method == "POST":
        form = NoticeForm(request.POST, _files(request))
        context, status = _check(request, form)
    return _listed(request, {"entry": form, **context}, status)


def _files(request: HttpRequest) -> Any:
    """The file that was given, or the text that was written here, as one."""
    text = request.POST.get("text", "")
    return {"file": SimpleUploadedFile("notice.txt", text.encode())} if text else request.FILES


def _listed(request: HttpRequest, more: dict[str, Any], status: int) -> HttpResponse:
    """The list of notices taken in, beneath what is being checked now."""
    shown = ListPage(template="auctions/notices.html", more=more, status=status)
    return list_response(request, _table(), selectors.notices(request.actor), shown)


def _ghats(notice: Any) -> str:
    count = len(notice.lots.all())
    return ngettext("%(n)s ghat", "%(n)s ghats", count) % {"n": count}


def _table() -> Table:
    replaced = ("plain", _("Replaced by a corrigendum"))
    in_force = ("good", _("In force"))
    columns = [
        Column(_("Number"), lambda notice: notice.number or notice.source_name, link=to("office_notice", "pk")),
        Column("", "title", under=True, on="page"),
        Column(_("District"), "district", "district"),
        Column(_("File"), "source_name", on="file"),
        Column(_("Taken in"), "imported_at", "at"),
        Column(_("Ghats"), _ghats, on="page"),
        Column(_("Ghats"), lambda notice: len(notice.lots.all()), on="file"),
        Column(_("Findings"), lambda notice: len(notice.findings), on="file"),
        Column(_("State"), lambda notice: replaced if notice.replaced_by_id else in_force, "chip"),
    ]
    hint = _("Check a notice above and take it in; its ghats then appear under Auctions.")
    return Table("notices", _("Notices inviting e-auction"), columns, (_("No notice yet"), hint))


def _check(request: HttpRequest, form: NoticeForm) -> tuple[dict[str, Any], int]:
    if not form.is_valid():
        return {}, 422
    file = form.cleaned_data["file"]
    content = file.read()
    try:
        facts, findings = services.read_notice(content, file.name, at=clock.now())
    except NoticeUnreadable as error:
        form.add_error("file", error.message(wording.lang()))
        return {}, 422
    request.session[_HELD] = {"sha256": uploads.keep(content, at=clock.now()), "name": file.name}
    return {"report": _report(facts, findings), "file_name": file.name, "rows_form": _rows_form(request, facts)}, 200


class RowsForm(forms.Form):
    """Rows of a notice that may be ghats of the register: the officer says of each which it is (AUC-160)."""

    def __init__(self, *args: Any, doubts: dict[int, list[str]], names: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for serial, codes in doubts.items():
            same = [(code, _("The same ghat: %(ghat)s") % {"ghat": code}) for code in codes]
            self.fields[f"row_{serial}"] = forms.ChoiceField(
                label=f"{serial}. {names[serial]}",
                choices=[("", _("Choose")), *same, ("new", _("A new ghat"))],
            )

    def said(self) -> str:
        """The officer's word, a row a line."""
        return "\n".join(f"{name.removeprefix('row_')} = {code}" for name, code in self.cleaned_data.items())


def _rows_form(request: HttpRequest, facts: NoticeFacts, *given: Any) -> RowsForm | None:
    """The form of the rows in doubt; None where there are none, or the notice is another district's."""
    if not request.actor.sees_district(facts.district):
        return None
    doubts = selectors.doubtful_rows(facts)
    names = {ghat.serial: ghat.name for ghat in facts.ghats}
    return RowsForm(*given, doubts=doubts, names=names) if doubts else None


def _import(request: HttpRequest) -> HttpResponse:
    """Take in the file that this person checked last."""
    held, at = request.session.get(_HELD), clock.now()
    if not held or not path_of(held["sha256"]).exists():
        messages.error(request, _("Check the file first."))
        return redirect("office_notices")
    content = path_of(held["sha256"]).read_bytes()
    facts, findings = services.read_notice(content, held["name"], at=at)
    rows = _rows_form(request, facts, request.POST)
    if rows is not None and not rows.is_valid():
        report = {"report": _report(facts, findings), "file_name": held["name"]}
        return _listed(request, {"entry": NoticeForm(), "rows_form": rows, **report}, 422)
    files = {"file": SimpleUploadedFile(held["name"], content)}
    acts = PageActs(request, "notice", None, place="import", at=at)
    answer = acts.given_as({"same": rows.said() if rows else ""}, files).take_and_leave()
    request.session.pop(_HELD, None)
    return answer


@page("notice.oversee")
def office_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice as it was taken in: programme, lots, findings, and what this post may do about the whole of it."""
    notice = selectors.notice_of(pk, request.actor)
    acts = PageActs(request, "notice", notice, place="notice", at=clock.now())
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {
        "notice": notice,
        "district": district_word(notice.district),
        "programme": selectors.programme_rows(notice, wording.lang()),
        "lots": selectors.lots(request.actor, notice=notice),
        "findings": [worded(finding) for finding in notice.findings],
        "fees": notice.fees,
        "listed": selectors.lists_of(notice).first(),
        "contacts": [(contact["phone"], named_beside(contact["text"])) for contact in notice.contacts],
        "acts": acts,
    }
    return render(request, "auctions/notice.html", context, status=acts.status)


@page("notice.oversee")
def notice_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Do an act on a notice at an address of its own."""
    notice, home = selectors.notice_of(pk, request.actor), reverse("office_notice", args=[pk])
    if request.method != "POST":
        return redirect(home)
    return PageActs(request, "notice", notice, place="notice", at=clock.now(), home=home).take_and_leave()
