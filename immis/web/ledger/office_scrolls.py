"""Scrolls of the treasury before the office: take a file in, and look into what fits no receipt (A-18)."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from immis import clock
from immis.ledger import selectors, services
from immis.rules.money import PAISE
from immis.web.ledger import words as ledger_words
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, ListPage, Table, list_response, table_response, to
from immis.web.shell.views import page

_A_PAGE = 50
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
        payload = _("The file is refused and kept: %(reason)s") % {"reason": ledger_words.reason(taken.reason)}
        messages.error(request, payload)
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
    hint = _("The treasury's daily file is taken in here, or by the command: immis ledger scroll import.")
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
    if wanted_format(request):
        return table_response(request, columns=_line_columns(), rows=result, name=f"scroll-{scroll.pk}")
    shown = Paginator(result, _A_PAGE).get_page(request.GET.get("page"))
    items = [_line(row) for row in shown]
    context = {"scroll": scroll, "form": form, "page": shown, "items": items}
    context["findings"] = ledger_words.cell_findings(scroll.findings)
    return render(request, "ledger/scroll.html", {**context, "reason": ledger_words.reason(scroll.reason)})


def _line(row: Any) -> dict[str, Any]:
    drawn, word = ledger_words.OUTCOMES[row.outcome]
    fits = row.outcome in selectors.FITTING
    return {"line": row, "drawn": drawn, "word": word, "open": not fits and row.resolved_at is None}


def _line_columns() -> list[Column]:
    return [
        Column(_("Line"), "line_no"),
        Column("GRN", "grn"),
        Column(_("Bank's reference"), "bank_ref"),
        Column(_("Amount (₹)"), lambda row: Decimal(row.amount_paise) / PAISE * (1 if row.kind == "C" else -1)),
        Column(_("Day"), "paid_on", "day"),
        Column(_("Payer's account"), "payer_account"),
        Column(_("Receipt"), "receipt.number"),
        Column(_("State"), lambda item: str(ledger_words.OUTCOMES[item.outcome][1])),
        Column(_("What was found"), "resolution"),
    ]


@require_POST
@page("scroll.keep")
def resolve(request: HttpRequest, pk: int, line_no: int) -> HttpResponse:
    """Close a line with what was found out."""
    line = selectors.scroll_line_of(selectors.scroll_of(pk, request.actor), line_no)
    services.resolve_line(line=line, note=request.POST.get("note", ""), by=request.actor, at=clock.now())
    messages.success(request, _("Line %(n)s is closed.") % {"n": line_no})
    return redirect("office_scroll", pk)
