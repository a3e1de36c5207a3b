"""Bank accounts of parties: declared and closed by the party, accepted or not by a district's office (E-083)."""

from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.registry import bank_accounts
from immis.registry.selectors import party_of, users
from immis.rules.policy import book
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.uploads import paper_response
from immis.web.shell.views import page

STATES = {
    "sent": ("info", gettext_lazy("With the office")),
    "accepted": ("good", gettext_lazy("Accepted")),
    "refused": ("bad", gettext_lazy("Not accepted")),
    "closed": ("plain", gettext_lazy("closed")),
}


class AccountFilter(forms.Form):
    """Which accounts to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("all")), *((name, word) for name, (_drawn, word) in STATES.items())],
    )
    q = forms.CharField(
        label=gettext_lazy("Account or PAN"),
        required=False,
        max_length=30,
        widget=forms.TextInput({"type": "search"}),
    )


@page("account.declare")
def own(request: HttpRequest) -> HttpResponse:
    """My bank accounts with what was decided on each; declaring one with its paper."""
    acts = PageActs(request, "account", None, place="new", at=clock.now()).alone("declare")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    party = party_of(request.actor.party_id)
    shown = ListPage(template="registry/bank_accounts.html", more={"acts": acts, "party": party}, status=acts.status)
    return list_response(request, _table("bank_account"), bank_accounts.accounts(request.actor), shown)


@page("account.list")
def index(request: HttpRequest) -> HttpResponse:
    """Accounts that were declared to this office, newest first; filter and export."""
    form = AccountFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    result = bank_accounts.accounts(request.actor)
    if wanted.get("state"):
        result = result.filter(state=wanted["state"])
    if text := wanted.get("q", "").strip():
        result = result.filter(number__icontains=text) | result.filter(party__pan__icontains=text)
    shown = ListPage(form=form, template="registry/office_accounts.html")
    return list_response(request, _table("office_account"), result, shown)


def _table(view: str) -> Table:
    columns = [
        Column(_("Account number"), "number", link=to(view, "pk"), decide=True),
        Column("IFSC", "ifsc", under=True),
        Column(_("Bank and branch"), "bank", under=True),
        Column(_("Whose account"), lambda row: relation(row), "name"),
        Column(_("Name of the holder"), "holder", under=True),
        Column(_("Party"), "party", "name"),
        Column("PAN", "party.pan", under=True),
        Column(_("District"), "district", "district"),
        Column(_("Handed in"), "sent_at", "at"),
        Column(_("State"), lambda row: STATES[row.state], "chip"),
        Column(_("Reason"), "reason", on="file"),
    ]
    empty = (_("No bank account here"), _("Accounts that parties declare with their paper appear here."))
    return Table("bank-accounts", _("Bank accounts"), columns, empty)


def relation(account: Any) -> Any:
    """Whose an account is, in both languages."""
    return book().words("REG-21", account.relation)


@page("account.declare")
def own_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One of my accounts; closing it."""
    return _detail(request, pk, "own")


@page("account.list")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One declared account with its paper and the other accounts of its party; accepting it or not, with the reason."""
    return _detail(request, pk, "office")


def _detail(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    account = bank_accounts.account_of(str(pk), request.actor)
    acts = PageActs(request, "account", account, place=place, at=clock.now())
    if request.method == "POST" and (answer := acts.take()):
        return answer
    officer = users(pk=account.decided_by or 0).first()
    context = {
        "account": account,
        "is_own": place == "own",
        "chip": STATES[account.state],
        "relation": wording.name_of(relation(account)),
        "kind": wording.party_kind(account.party.kind),
        "decided_by": wording.name_of(officer) if officer else "",
        "others": bank_accounts.accounts(request.actor, party=account.party).exclude(pk=account.pk),
        "acts": acts,
    }
    return render(request, "registry/bank_account.html", context, status=acts.status)


@page("account.list")
def proof(request: HttpRequest, pk: int) -> FileResponse:
    """The cancelled cheque or passbook as it was handed in."""
    return paper_response(bank_accounts.account_of(str(pk), request.actor).document, f"bank-account-{pk}")
