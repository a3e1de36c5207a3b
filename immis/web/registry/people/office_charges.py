"""A charge, its handover with the paper of what is pending, and the charge in which one acts."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.core.access.permissions import Actor
from immis.enforcement.services.handovers import pending_of
from immis.reading import whole_number
from immis.registry.people import charges
from immis.registry.people.papers import handover_pdf
from immis.rules.writing.texts import texts
from immis.web.registry.words import charge_chip, record_url
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import PUBLIC, page


def _pending_table(reader: Actor) -> Table:
    kinds = texts("papers/handover")
    columns = [
        Column(_("Kind"), lambda row: wording.name_of(kinds[row["kind"]])),
        Column(_("Number"), "number", link=lambda row: record_url(reader, row["kind"], row["number"])),
        Column(_("Matter"), lambda row: wording.name_of(row["title"])),
        Column(_("Since"), "since", "at"),
        Column(_("Due"), "due_at", "at"),
    ]
    return Table("pending", _("Pending"), columns, (_("Nothing is pending."), ""))


@page(PUBLIC)
def charge(request: HttpRequest, pk: int) -> HttpResponse:
    """One charge for its holder and for who gives charges: what is pending now, handing over, ending, extending."""
    at, row = clock.now(), charges.charge_of(request.actor, pk)
    acts = PageActs(request, "charge", row, place="charge", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    pending = pending_of(row) if charges.is_standing(row, at) else []
    context = {
        "charge": row,
        "chip": charge_chip(row, at),
        "pending": _pending_table(request.actor).listed(pending),
        "pending_count": len(pending),
        "handover": getattr(row, "handover", None),
        "acts": acts,
    }
    return render(request, "registry/people/charge.html", context, status=acts.status)


@page(PUBLIC)
def own(request: HttpRequest) -> HttpResponse:
    """One's own charges; who holds several chooses in which he acts from the next page on."""
    at = clock.now()
    if request.actor.user_id is None:
        return redirect_to_login(request.get_full_path(), reverse("login"))
    if request.method == "POST":
        row = charges.charge_of(request.actor, whole_number(request.POST.get("charge", "")) or 0)
        charges.act_in(user_id=request.actor.user_id, charge=row, by=request.actor, at=at)
        words = {"post": wording.role_name(row.role), "office": wording.name_of(row.office)}
        messages.success(request, _("You act as %(post)s, %(office)s.") % words)
        return redirect("own_charges")
    rows = charges.own_charges(request.actor.user_id, at=at)
    context = {"rows": [_own(row, request.actor, at) for row in rows], "past": _past(request.actor, at)}
    return render(request, "registry/people/own_charges.html", context)


def _own(row: Any, by: Any, at: Any) -> dict[str, Any]:
    acts_now = (row.role, row.office_id) == (by.role, by.office_id)
    return {"row": row, "chip": charge_chip(row, at), "acts_now": acts_now}


def _past(by: Any, at: Any) -> list[Any]:
    rows = charges.charges(by, user_id=by.user_id)
    return [row for row in rows if not charges.is_standing(row, at)]


@page("charge.read")
def handovers(request: HttpRequest) -> HttpResponse:
    """Handovers in the offices of the jurisdiction, newest first."""
    columns = [
        Column(_("Number"), "number", link=to("handover", "number")),
        Column(_("At"), "at", "at"),
        Column(_("Post"), lambda row: wording.role_name(row.charge.role)),
        Column(_("Office"), lambda row: wording.name_of(row.charge.office)),
        Column(_("Made over by"), lambda row: wording.name_of(row.charge.user)),
        Column(_("Taken over by"), lambda row: wording.name_of(row.successor.user)),
        Column(_("Pending"), lambda row: len(row.pending), "number"),
        Column(_("Order number"), "reference"),
    ]
    hint = _("A handover appears here with the paper of what was pending.")
    table = Table("handovers", _("Handovers"), columns, (_("No handover yet"), hint))
    return list_response(
        request, table, charges.handovers(request.actor), ListPage(template="registry/people/people_list.html")
    )


@page(PUBLIC)
def handover(request: HttpRequest, number: str) -> HttpResponse:
    """One handover: who to whom, by what order, what was pending at that instant."""
    row = charges.handover_of(request.actor, number)
    context = {
        "handover": row,
        "pending": _pending_table(request.actor).listed(row.pending),
    }
    return render(request, "registry/people/handover.html", context)


@page(PUBLIC)
def handover_paper(request: HttpRequest, number: str) -> HttpResponse:
    """The charge report as a PDF."""
    row = charges.handover_of(request.actor, number)
    answer = HttpResponse(handover_pdf(row), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
    return answer
