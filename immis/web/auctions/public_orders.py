"""Corrigenda and orders on auctions, as clause 11 has them shown: online, with time and reason."""

import hashlib
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from immis import clock
from immis.auctions import selectors
from immis.auctions.services import note_presence
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.views import PUBLIC, page

_A_PAGE = 50


def act_words() -> dict[str, str]:
    """What an order does, in the reader's language."""
    return {
        "pause": _("Pause bidding"),
        "resume": _("Resume bidding"),
        "reschedule": _("Corrigendum of the times"),
        "abort": _("Cancel the auction"),
    }


class OrderFilter(forms.Form):
    """Filters of the list of orders."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["act"] = forms.ChoiceField(
            label=_("Order"), required=False, choices=[("", _("all")), *act_words().items()]
        )
        self.fields["q"] = forms.CharField(label=_("Ghat or number"), required=False, max_length=60)
        self.fields["q"].widget.input_type = "search"


@page(PUBLIC)
def orders(request: HttpRequest) -> HttpResponse:
    """Every corrigendum, pause and cancellation in effect, newest first, with its reason."""
    form = OrderFilter(request.GET or {})
    sent = form.cleaned_data if form.is_valid() else {"act": "", "q": ""}
    result = selectors.published_orders(**({"act": sent["act"]} if sent["act"] else {}))
    wanted = sent["q"].casefold().strip()
    rows = [row for row in result if wanted in f"{' '.join(row.lots_touched)} {row.notice.number}".casefold()]
    return list_response(request, _table(), rows, ListPage(form=form, template="auctions/orders.html"))


def _rooms(row: Any) -> Any:
    """The auctions that an order touches, each as a link to its room."""
    return format_html_join(
        " ", '<a href="{}">{}</a>', ((reverse("auction_room", args=[c]), c) for c in row.lots_touched)
    )


def _table() -> Table:
    columns = [
        Column(_("In effect from"), "effective_at", "at"),
        Column(_("Order"), lambda row: act_words()[row.act]),
        Column(_("New start"), "new_opens_at", "at", under=True, named=True),
        Column(_("New end"), "new_closes_at", "at", under=True, named=True),
        Column(_("Auctions"), _rooms, "html", on="page"),
        Column(_("Auctions"), lambda row: ", ".join(row.lots_touched), on="file"),
        Column(_("Notice"), "notice.number", under=True),
        Column(_("District"), "notice.district", "district", under=True),
        Column(_("Reason"), "reason"),
    ]
    hint = _("Corrigenda, pauses and cancellations appear here when they take effect.")
    return Table("auction-orders", _("Corrigenda and orders on auctions"), columns, (_("No order fits"), hint))


def device_of(request: HttpRequest) -> str:
    """A name for this device's session that says nothing of the session itself."""
    return hashlib.sha256(f"room {request.session.session_key}".encode()).hexdigest()[:12]


@require_POST
@page("lot.bid")
def beat(request: HttpRequest, code: str) -> JsonResponse:
    """A bidder's room reports that it is open; the answer is the same for everybody."""
    note_presence(lot=selectors.lot_of(code), by=request.actor, device=device_of(request), at=clock.now())
    return JsonResponse({"ok": True, "language": wording.lang()})
