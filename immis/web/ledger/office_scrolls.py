"""Scrolls of the treasury before the office: take a file in, and look into what fits no receipt (A-18)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from immis import clock
from immis.ledger import selectors, services
from immis.web.ledger import words as ledger_words
from immis.web.shell.tables import Column, ListPage, Table, list_response, row_form, to
from immis.web.shell.views import page

_MOST_BYTES = 8 * 1024 * 1024


class ScrollUpload(forms.Form):
    """A scroll file as the treasury sends it."""

    file = forms.FileField(
        label=gettext_lazy("Scroll file (CSV)"),
        help_text=gettext_lazy("First line SCROLL, number, day, district; last line TOTAL, lines, rupees."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > _MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than %(n)s MB.") % {"n": _MOST_BYTES // 1024**2})
        return file


class LineFilter(forms.Form):
    """Which lines to show."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("open", gettext_lazy("To look into")),
            ("all", gettext_lazy("all")),
            *((name, word) for name, (_drawn, word) in ledger_words.OUTCOMES.items()),
        ],
    )


@page("scroll.keep")
def index(request: HttpRequest) -> HttpResponse:
    """Scroll files, refused ones too, newest first; and the way to take one in."""
    form, status = ScrollUpload(), 200
    if request.method == "POST":
        form = ScrollUpload(request.POST, request.FILES)
        if form.is_valid():
            return _take(request, form.cleaned_data["file"])
        status = 422
    result = selectors.scrolls(request.actor)
    more = {"upload": form}
    return list_response(request, _table(), result, ListPage(template="ledger/scrolls.html", more=more, status=status))


def _take(request: HttpRequest, file: Any) -> HttpResponse:
    taken = services.import_scroll(raw=file.read(), file_name=file.name, by=request.actor, at=clock.now())
    if taken.state == "refused":
        words = _("The file is refused and kept: %(reason)s") % {"reason": ledger_words.reason(taken.reason)}
        messages.error(request, words)
    else:
        messages.success(request, _("Scroll %(number)s is taken in.") % {"number": taken.number})
    return redirect("office_scroll", taken.pk)


def _state(scroll: Any) -> tuple[str, str]:
    """What became of a scroll's lines, as chip and word."""
    if scroll.state == "refused":
        return "bad", _("Refused")
    if n := scroll.open_lines:
        return "warn", ngettext("%(n)s line to look into", "%(n)s lines to look into", n) % {"n": n}
    return "good", _("Everything fits")


def _table() -> Table:
    columns = [
        Column(
            _("Scroll"), lambda scroll: scroll.number or scroll.file_name, link=to("office_scroll", "pk"), on="page"
        ),
        Column(_("Scroll"), "number", on="file"),
        Column(_("Day"), "scroll_on", "day", under=True),
        Column(_("File"), "file_name", under=True),
        Column(_("Taken in at"), "imported_at", "at", under=True),
        Column(_("District"), lambda scroll: scroll.district or _("Whole State"), "district", on="page"),
        Column(_("District"), "district", on="file"),
        Column(_("Lines"), "line_count", "number"),
        Column(_("Sum"), "sum_paise", "paise"),
        Column(_("State"), _state, "chip", on="page"),
        Column(_("To look into"), "open_lines", on="file"),
        Column(_("Reason"), lambda scroll: ledger_words.reason(scroll.reason), under=True),
    ]
    hint = _("The treasury's daily file is taken in on this page.")
    return Table("scrolls", _("Scrolls of the treasury"), columns, (_("No scroll yet"), hint))


@page("scroll.keep")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One scroll: its control totals and its lines, those to look into first."""
    scroll = selectors.scroll_of(pk, request.actor)
    data = request.GET.copy()
    data.setdefault("outcome", "open")
    form = LineFilter(data)
    wanted = form.cleaned_data["outcome"] if form.is_valid() else "open"
    only = "" if wanted in {"open", "all", ""} else wanted
    result = selectors.scroll_lines(scroll, only_open=wanted == "open", outcome=only)
    more = {
        "scroll": scroll,
        "faults": _faults().listed(ledger_words.cell_findings(scroll.findings)),
        "reason": ledger_words.reason(scroll.reason),
    }
    filter_ = form if scroll.state == "taken" else None
    return list_response(request, _lines(request, scroll), result, ListPage(filter_, "ledger/scroll.html", more=more))


def _lines(request: HttpRequest, scroll: Any) -> Table:
    def close(line: Any) -> str:
        is_open = line.outcome not in selectors.FITTING and line.resolved_at is None
        return row_form(request, "ledger/_close_line.html", scroll=scroll, line=line) if is_open else ""

    columns = [
        Column(_("Line"), "line_no", "number"),
        Column("GRN", "grn"),
        Column(_("Bank's reference"), "bank_ref", under=True),
        Column(_("Amount"), lambda line: line.amount_paise * (1 if line.kind == "C" else -1), "paise"),
        Column(_("Day"), "paid_on", "day", under=True),
        Column(_("Payer's account"), "payer_account", under=True),
        Column(_("Receipt"), "receipt.number"),
        Column("", "receipt.demand.party", "name", under=True, on="page"),
        Column("", "receipt.paid_paise", "paise", under=True, on="page"),
        Column(_("State"), lambda line: ledger_words.OUTCOMES[line.outcome], "chip"),
        Column(_("closed"), "resolved_at", "at", under=True, named=True, on="page"),
        Column(_("What was found"), "resolution", under=True),
        Column(_("Close the line"), close, "html", on="page"),
    ]
    title = f"{_('Scroll')} {scroll.number or scroll.file_name}"
    empty = (_("Nothing to look into"), _("Every line of this choice fits a receipt of ours."))
    return Table(f"scroll-{scroll.pk}", title, columns, empty if scroll.state == "taken" else ("", ""))


def _faults() -> Table:
    """What is wrong in a file, cell by cell."""
    columns = [
        Column(_("Line"), "row", "number"),
        Column(_("Column"), "heading"),
        Column("", "cell", under=True),
        Column(_("Found"), "found", "code"),
        Column(_("Expected, as in"), "expected", "code"),
        Column(_("Reason"), lambda finding: (finding["drawn"], finding["word"]), "chip"),
    ]
    return Table("faults", _("What is wrong in the file"), columns)


@require_POST
@page("scroll.keep")
def resolve(request: HttpRequest, pk: int, line_no: int) -> HttpResponse:
    """Close a line with what was found out."""
    line = selectors.scroll_line_of(selectors.scroll_of(pk, request.actor), line_no)
    services.resolve_line(line=line, note=request.POST.get("note", ""), by=request.actor, at=clock.now())
    messages.success(request, _("Line %(n)s is closed.") % {"n": line_no})
    return redirect("office_scroll", pk)
