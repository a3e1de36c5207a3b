"""How transit passes are worded on every page: states, the switch, quantities, how the origin was checked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.rules.policy import NotInForce, PolicyValue, book
from immis.rules.transit.switch import SwitchFacts
from immis.rules.writing.texts import texts
from immis.transit.selectors import state_of
from immis.web.shell import wording

STATES = {
    "applied": ("warn", gettext_lazy("Fee to be paid")),
    "issued": ("good", gettext_lazy("In force")),
    "entered": ("info", gettext_lazy("Entered the State")),
    "expired": ("plain", gettext_lazy("Validity over")),
    "late": ("bad", gettext_lazy("Paid too late: no pass")),
    "lapsed": ("plain", gettext_lazy("Lapsed unpaid")),
    "withdrawn": ("bad", gettext_lazy("Withdrawn")),
}
SWITCH = {
    "in_force": ("good", gettext_lazy("In force")),
    "ordered": ("warn", gettext_lazy("Ordered")),
    "none": ("plain", gettext_lazy("Not yet in force")),
    "ended": ("plain", gettext_lazy("Ended")),
}
READINESS = {
    "ready": ("good", gettext_lazy("ready")),
    "weak": ("warn", gettext_lazy("to be mended")),
    "missing": ("bad", gettext_lazy("missing")),
}
PARTIES = {"stands": ("good", gettext_lazy("Stands")), "stopped": ("bad", gettext_lazy("Registration stopped"))}


def chip(row: Any, at: datetime) -> tuple[str, Any]:
    """The state of a pass at an instant, as it is drawn."""
    return STATES[state_of(row, at)]


def state_name(code: str) -> str:
    """A State of origin in the reader's language."""
    return wording.name_of(texts("transit/states")[code])


def mineral(row: Any) -> str:
    return wording.name_of(texts("transit/minerals")[row.mineral])


def unit(code: str) -> str:
    return wording.name_of(texts("transit/units")[code])


def quantity(row: Any) -> str:
    """How much was loaded, in the unit of the origin's challan."""
    return f"{wording.number(row.quantity)} {unit(row.unit)}"


def checked(row: Any) -> str:
    """By which way the challan of the origin was checked."""
    return wording.name_of(book().words("IST-06", "by_paper" if row.checked_how == "paper" else row.checked_how))


def switch_words(facts: SwitchFacts) -> str:
    """The switch in a sentence: since when by which order, from when, or that there is none."""
    values = {"order": facts.order, "on": f"{facts.starts_on:%d.%m.%Y}" if facts.starts_on else ""}
    if facts.state == "in_force":
        return _("In force since %(on)s by order %(order)s.") % values
    if facts.state == "none":
        return _("No order has put them in force.")
    if facts.state == "ordered":
        return _("Order %(order)s puts them in force from %(on)s.") % values
    return _("Order %(order)s ended them on %(on)s.") % values


def figures(at: datetime) -> Mapping[str, PolicyValue]:
    """The figures of the law that are in force now, by their code."""
    known = {}
    for code in ("IST-02", "IST-03", "IST-04"):
        try:
            known[code.replace("-", "_")] = book().at(code, at)
        except NotInForce:
            continue
    return known


def kind(code: str) -> str:
    """What a party is in its own State."""
    return wording.name_of(texts("transit/kinds")[code])


def order_words(row: Any) -> str:
    """An order of the switch in a line."""
    values = {"order": row.order_no, "on": f"{row.starts_on:%d.%m.%Y}"}
    return (_("%(order)s: in force from %(on)s") if row.kind == "on" else _("%(order)s: ended on %(on)s")) % values
