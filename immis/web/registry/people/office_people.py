"""People of the department: the register of log-ins with their state and who restored them, one person, his acts."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import may
from immis.core.selectors import acts_of_person
from immis.registry.people import charges, logins
from immis.rules.calendar import end_of, start_of
from immis.web.registry.words import charge_table, login_chip, record_url
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.technical import act_done, facts_shown
from immis.web.shell.views import page

_MOST_EXPORTED = 50_000
_STATES = (("active", gettext_lazy("active")), ("disabled", gettext_lazy("disabled")))
_WHO = (("office", gettext_lazy("the department")), ("party", gettext_lazy("bidders and settlees")))


class PeopleFilter(forms.Form):
    """Whom to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("Log-in"), required=False, choices=[("", gettext_lazy("all")), *_STATES]
    )
    who = forms.ChoiceField(label=gettext_lazy("Who"), required=False, choices=[("", gettext_lazy("all")), *_WHO])
    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )


@page("user.read")
def index(request: HttpRequest) -> HttpResponse:
    """The register of log-ins (A-28): state, reason, order, who restored or disabled it and when."""
    form = PeopleFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    filters = {"is_active": wanted["state"] == "active"} if wanted.get("state") else {}
    rows = logins.people(request.actor, at=clock.now(), **filters)
    if wanted.get("who"):
        rows = logins.of_parties(rows, wanted=wanted["who"] == "party")
    if text := (wanted.get("q") or "").strip():
        rows = logins.named_like(rows, text)
    more = {"may_enter": may(request.actor, "user.enter")}
    return list_response(
        request, _table(), rows, ListPage(form=form, template="registry/people/people.html", more=more)
    )


def _table() -> Table:
    columns = [
        Column(_("Person"), lambda row: wording.name_of(row), link=to("office_person", "username")),
        Column(_("User name"), "username", under=True),
        Column(_("Charges"), _held),
        Column(_("Log-in"), login_chip, "chip"),
        Column(_("Reason"), "order_reason"),
        Column(_("Order number"), "order_reference", under=True),
        Column(_("Who did it"), "order_by_name"),
        Column(_("When"), "order_at", "at", under=True),
        Column(_("Last signed in"), "last_login", "at"),
    ]
    hint = _("Who holds, or held, a charge in an office of your jurisdiction stands here.")
    return Table("log-ins", _("People and log-ins"), columns, (_("Nobody by these filters"), hint))


def _held(person: Any) -> str:
    rows = [f"{wording.role_name(row.role)}, {wording.name_of(row.office)}" for row in person.held]
    return "; ".join(rows)


@page("user.enter")
def new(request: HttpRequest) -> HttpResponse:
    """Enter a person."""
    acts = PageActs(request, "user", None, place="new", at=clock.now()).alone("enter")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    return render(request, "registry/people/person_new.html", {"acts": acts}, status=acts.status)


@page("user.read")
def detail(request: HttpRequest, username: str) -> HttpResponse:
    """One person: charges now and before, every order on the log-in, what may be done."""
    at = clock.now()
    person = logins.person_of(request.actor, username, at=at)
    acts = PageActs(request, "user", person, place="person", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    rows = charges.charges(request.actor, user=person)
    context = {
        "person": person,
        "chip": login_chip(person),
        "charges": charge_table(at, with_person=False).listed(rows),
        "orders": _orders().listed(logins.orders_on(person)),
        "acts": acts,
    }
    return render(request, "registry/people/person.html", context, status=acts.status)


def _orders() -> Table:
    columns = [
        Column(_("At"), "at", "at"),
        Column(_("What was ordered"), _ordered, "chip"),
        Column(_("Reason"), "reason"),
        Column(_("Order number"), "reference"),
        Column(_("Who did it"), "by_name"),
    ]
    return Table("log-in-orders", _("Orders on the log-in"), columns, (_("No order on this log-in"), ""))


def _ordered(order: Any) -> tuple[str, str]:
    return ("bad", _("disabled")) if order.state == order.DISABLED else ("good", _("restored"))


class ActsFilter(forms.Form):
    """Which of a person's acts to show."""

    code = forms.CharField(label=gettext_lazy("Act"), required=False, max_length=60)
    from_on = DayField(label=gettext_lazy("From day"), required=False)
    to_on = DayField(label=gettext_lazy("Up to day"), required=False)

    def filters(self) -> dict[str, Any]:
        """The filters of the selector."""
        wanted = self.cleaned_data if self.is_valid() else {}
        days = {"at__gte": (wanted.get("from_on"), start_of), "at__lt": (wanted.get("to_on"), end_of)}
        chosen = {name: turn(day) for name, (day, turn) in days.items() if day}
        return {**chosen, **({"code__startswith": wanted["code"]} if wanted.get("code") else {})}


@page("user.read_acts")
def acts_done(request: HttpRequest, username: str) -> HttpResponse:
    """Everything this person did, from the action log, newest first; filter and export."""
    person = logins.person_of(request.actor, username, at=clock.now())
    if not may(request.actor, "user.read_acts", district=charges.district_of(person)):
        raise NotFound(f"user {username}")
    form = ActsFilter(request.GET)
    rows = acts_of_person(person.pk, **form.filters())
    shown = ListPage(
        form=form, template="registry/people/person_acts.html", rows_a_file=_MOST_EXPORTED, more={"person": person}
    )
    return list_response(request, _acts_table(person, request.actor), rows, shown)


def _acts_table(person: Any, reader: Actor) -> Table:
    columns = [
        Column(_("At"), "at", "at"),
        Column(_("Act"), act_done, on="page"),
        Column(_("Act"), "code", on="file"),
        Column(
            _("Record"),
            lambda row: f"{wording.record_kind(row.subject_kind)} {row.subject_id}",
            link=lambda row: record_url(reader, row.subject_kind, row.subject_id, row.facts),
        ),
        Column(_("Post"), lambda row: wording.role_name(row.role)),
        Column(_("Facts"), lambda row: facts_shown(row.facts, row.code), "html", on="page"),
        Column(_("Facts"), "facts", "facts", on="file"),
        Column(_("No."), "seq", on="file"),
        Column(_("Hash"), "hash", on="file"),
    ]
    title = _("Everything that %(name)s did") % {"name": wording.name_of(person)}
    hint = _("Each act of a person adds a line to the action log.")
    return Table(f"acts-{person.username}", title, columns, (_("Nothing by these filters"), hint))
