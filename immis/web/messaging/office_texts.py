"""Texts registered for SMS (DLT) before the office: what is registered, what lacks it, entering one or a file."""

import hashlib
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from immis import clock
from immis.adapters.sheets import NoSheet
from immis.core.installation.readiness import CHECKS
from immis.core.papers.reading import read_upload
from immis.core.selectors import history_of
from immis.messaging import selectors, services
from immis.messaging.acts import CATEGORY_WORDS, LANGUAGES
from immis.messaging.services.sms_texts import COLUMNS
from immis.messaging.texts import sms_proposed, sms_templates, title
from immis.rules.messages.templates import parts_of, variables
from immis.web.enforcement.words import log_lines
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, table_response, to
from immis.web.shell.views import page

_CHECKS = ("mail", "sms", "sms_secret", "sms_reports", "sms_texts")
_MOST_BYTES = 1024 * 1024


class TextsUpload(forms.Form):
    """A file of registered texts, in the columns of the proposal."""

    file = forms.FileField(
        label=gettext_lazy("File of registered texts (CSV or XLSX)"),
        help_text=gettext_lazy("The proposal for registration, with number and header filled in."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > _MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than %(n)s MB.") % {"n": _MOST_BYTES // 1024**2})
        return file


@page("sms_text.read")
def index(request: HttpRequest) -> HttpResponse:
    """Registered texts, what of the sending is not set up, and how many messages lack a text."""
    rows = selectors.sms_texts(request.actor)
    if not request.GET.get("all"):
        rows = rows.filter(ended_at__isnull=True)
    at = clock.now()
    more = {"checks": [(check, check.look(at)) for name, check in CHECKS.items() if name in _CHECKS]}
    return list_response(request, _table(), rows, ListPage(template="messaging/texts.html", more=more))


def _table() -> Table:
    columns = [
        Column(
            _("Message"),
            lambda row: f"{row.template} · {title(row.template, wording.lang())}",
            link=to("sms_text", "pk"),
        ),
        Column(_("Language"), lambda row: str(LANGUAGES[row.lang])),
        Column(_("Number"), "number", under=True),
        Column(_("Header"), "header"),
        Column(_("Category"), lambda row: str(CATEGORY_WORDS.get(row.category, row.category)), under=True),
        Column(_("Text as it was registered"), "text"),
        Column(_("Entered at"), "entered_at", "at"),
        Column(_("Ended at"), "ended_at", "at"),
    ]
    hint = _("Take the proposal to the operator's portal; what it registers is entered here.")
    return Table("sms-texts", _("Registered SMS texts"), columns, (_("No text is registered"), hint))


def _lacking() -> list[dict[str, Any]]:
    """Messages and languages without a registered text, as rows of the proposal."""
    rows = [{"template": code, "lang": lang} for code in sms_templates() for lang in LANGUAGES]
    return [_proposal(**row) for row in rows if selectors.registered_text(**row) is None]


def _proposal(*, template: str, lang: str) -> dict[str, Any]:
    text = sms_proposed(template, lang)
    empty = {"number": "", "header": "", "reason": ""}
    return {"template": template, "lang": lang, "text": text, "category": "service_implicit", **empty}


@page("sms_text.read")
def lacking(request: HttpRequest) -> HttpResponse:
    """What lacks registration, as it is to be registered; exported it is the file for the operator's portal."""
    rows = _lacking()
    if request.GET.get("format"):
        columns = [Column(name, name) for name in COLUMNS]
        return table_response(request, columns=columns, rows=rows, name="sms-texts")
    columns = [
        Column(_("Message"), lambda row: f"{row['template']} · {title(row['template'], wording.lang())}"),
        Column(_("Language"), lambda row: str(LANGUAGES[row["lang"]])),
        Column(_("Text to be registered"), "text"),
        Column(_("Variables"), lambda row: len(variables(row["text"])), "number"),
        Column(_("SMS parts"), lambda row: parts_of(row["text"]), "number"),
    ]
    done = _("Every message that goes by SMS has its registered text in both languages.")
    table = Table("sms-texts", _("SMS texts that lack registration"), columns, (_("Nothing is lacking"), done))
    return list_response(request, table, rows, ListPage(template="messaging/texts_lacking.html", rows_a_page=200))


@page("sms_text.register")
def text_new(request: HttpRequest) -> HttpResponse:
    """Enter one text that was registered."""
    initial = {name: request.GET.get(name, "")[:20] for name in ("template", "lang")}
    acts = PageActs(request, "sms_text", None, place="new", at=clock.now()).alone("register", initial)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    return render(request, "messaging/text_new.html", {"acts": acts}, status=acts.status)


@page("sms_text.read", write="sms_text.end")
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """One registered text with its history; it ends by an act."""
    row = selectors.sms_text_of(request.actor, pk)
    acts = PageActs(request, "sms_text", row, place="text", at=clock.now())
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {
        "row": row,
        "title": title(row.template, wording.lang()),
        "language": LANGUAGES[row.lang],
        "category": CATEGORY_WORDS.get(row.category, row.category),
        "entity": settings.SMS_ENTITY,
        "parts": parts_of(row.text),
        "acts": acts,
        "history": log_lines(history_of("sms_text", str(row.pk))),
    }
    return render(request, "messaging/text.html", context, status=acts.status)


@page("sms_text.register")
def texts_import(request: HttpRequest) -> HttpResponse:
    """Take in a file of registered texts: each that is sound is entered, each other named with its fault."""
    form = TextsUpload(request.POST or None, request.FILES or None)
    faults: list[tuple[int, list[str]]] = []
    if request.method == "POST" and form.is_valid():
        raw = form.cleaned_data["file"].read()
        try:
            faults = _taken(request, raw)
        except NoSheet:
            form.add_error("file", _("This is no sheet with a head and rows."))
        else:
            if not faults:
                return redirect("sms_texts")
    context = {"form": form, "faults": faults}
    return render(request, "messaging/texts_import.html", context, status=422 if form.errors or faults else 200)


def _taken(request: HttpRequest, raw: bytes) -> list[tuple[int, list[str]]]:
    """Enter the texts of a file; answers the rows that were not taken, with what is wrong."""
    sheet = read_upload("sheet", raw)
    head = [name.strip().lower() for name in sheet.head]
    rows = [dict(zip(head, row, strict=False)) for row in sheet.rows]
    sha256 = hashlib.sha256(raw).hexdigest()
    misfits = services.import_texts(rows, by=request.actor, at=clock.now(), sha256=sha256)
    if count := len(rows) - len(misfits):
        read = ngettext("%(n)d row was read.", "%(n)d rows were read.", count) % {"n": count}
        messages.success(request, read)
    return [(misfit.row, [wording.say(finding) for finding in misfit.findings]) for misfit in misfits]
