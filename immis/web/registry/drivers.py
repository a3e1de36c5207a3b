"""The register of drivers: of a party, of a district, of the State."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.registry import things
from immis.rules.calendar import india_day
from immis.web.registry.things import Thing, lead, new_response, thing_response
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.components import ReasonCard
from immis.web.shell.districts import district_name
from immis.web.shell.record import Link, coming, link_to, links
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


class DriverFilter(forms.Form):
    """Which drivers to show."""

    q = forms.CharField(
        label=gettext_lazy("Name or licence number"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "search"}),
    )


@page("driver.list")
def index(request: HttpRequest) -> HttpResponse:
    """Drivers by name or licence; as a page or a file."""
    form = DriverFilter(request.GET)
    result = things.drivers_listed(request.actor)
    if text := (form.cleaned_data["q"].strip() if form.is_valid() else ""):
        result = result.filter(name__icontains=text) | result.filter(licence_no__istartswith=text.replace(" ", ""))
    more = lead(request, "drivers", "driver.enter", "driver_new", _("Enter a driver"))
    shown = ListPage(form=form, template="registry/things/thing_list.html", more=more)
    return list_response(request, _table(india_day(clock.now())), result, shown)


def _licence(driver: Any, today: Any) -> tuple[str, Any]:
    """How the licence of a driver stands for transport vehicles."""
    if driver.is_stopped:
        return "bad", _("stopped by SARATHI")
    if not driver.active:
        return "plain", _("drives no more")
    if driver.transport_until is None:
        return "plain", _("end not entered")
    return ("bad", _("ended")) if driver.transport_until < today else ("good", _("valid"))


def _table(today: Any) -> Table:
    columns = [
        Column(_("Name"), "name", link=to("driver", "licence_no")),
        Column(_("Licence number"), "licence_no", under=True),
        Column(_("Classes of the licence"), "classes"),
        Column(_("Valid for transport vehicles until"), "transport_until", "day"),
        Column(_("Licence"), lambda row: _licence(row, today), "chip", under=True),
        Column(_("Party"), "party", "name"),
        Column(_("District"), "district", "district", under=True),
    ]
    hint = _("Drivers that a settlee, a transporter or the office enters appear here with their licences.")
    return Table("drivers", _("Drivers"), columns, (_("No driver here"), hint))


@page("driver.enter")
def new(request: HttpRequest) -> HttpResponse:
    """Enter a driver by his licence."""
    words = {"title": _("Enter a driver"), "back": "drivers", "back_title": _("Drivers")}
    return new_response(request, "driver", "enter", **words)


@page("driver.list", write="driver.enter")
def detail(request: HttpRequest, licence_no: str) -> HttpResponse:
    """One driver: his licence, whose he is, and what was changed by whom."""
    driver, at = things.driver_of(licence_no, request.actor), clock.now()
    acts = PageActs(request, "driver", driver, place="driver", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    thing = Thing(
        noun="driver",
        number=driver.licence_no,
        title=driver.name,
        chip=_licence(driver, india_day(at)),
        facts=[
            (_("Licence number"), driver.licence_no),
            (_("Classes of the licence"), driver.classes),
            (
                _("Valid for transport vehicles until"),
                wording.day(driver.transport_until) if driver.transport_until else "",
            ),
            (_("Phone"), driver.phone),
            (_("Party"), wording.name_of(driver.party) if driver.party else ""),
            (_("District"), district_name(driver.district, wording.lang()) if driver.district else ""),
        ],
        reasons=_ended(driver, india_day(at)),
        links=links(_owner(request, driver)),
        dates=coming([(_("Licence"), driver.transport_until, True)], today=india_day(at)),
    )
    return thing_response(request, thing, acts)


def _owner(request: HttpRequest, driver: Any) -> Link | None:
    party = driver.party
    return link_to(request.actor, wording.name_of(party), "office_party", party.code, count="›") if party else None


def _ended(driver: Any, today: Any) -> list[ReasonCard]:
    """The licence that SARATHI stopped, or that has ended, as the reason that counts."""
    if driver.is_stopped:
        what = _("SARATHI has the licence as %(status)s.") % {"status": driver.looked_as}
        lifts = _("Ask SARATHI again, or have the office see the paper.")
        return [ReasonCard("bad", _("stopped by SARATHI"), what, why_code="REG-39", lifts=lifts)]
    if not driver.active or driver.transport_until is None or driver.transport_until >= today:
        return []
    what = _("The licence for transport vehicles has ended.")
    lifts = _("Enter the renewed licence below.")
    return [ReasonCard("bad", _("ended"), what, since=driver.transport_until, lifts=lifts)]
