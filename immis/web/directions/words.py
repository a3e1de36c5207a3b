"""How meetings and directions are worded on every page: states, owners, days, figures."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.directions import selectors
from immis.directions.drafts import choices
from immis.directions.figures import Figure, live
from immis.rules.policy import book
from immis.rules.posts import chart
from immis.rules.writing.texts import texts
from immis.web.shell import wording
from immis.web.shell.districts import district_name

MEETINGS = {
    "draft": ("warn", gettext_lazy("to be confirmed")),
    "confirmed": ("good", gettext_lazy("confirmed")),
    "discarded": ("plain", gettext_lazy("put aside")),
}
KINDS = {"minutes": gettext_lazy("Proceedings"), "letter": gettext_lazy("Letter")}
DIRECTIONS = {
    "open": ("warn", gettext_lazy("still open")),
    "reported": ("info", gettext_lazy("reported, before the chair")),
    "closed": ("good", gettext_lazy("closed by the chair")),
}
UPDATES = {
    "progress": gettext_lazy("Under way"),
    "done": gettext_lazy("Carried out, says the owner"),
    "difficulty": gettext_lazy("Difficulty raised"),
    "settled": gettext_lazy("Difficulty settled"),
    "returned": gettext_lazy("Sent back by the chair"),
    "closed": gettext_lazy("Closed by the chair"),
    "remark": gettext_lazy("Remark"),
}
MET = {
    True: ("good", gettext_lazy("fulfilled")),
    False: ("warn", gettext_lazy("not fulfilled")),
    None: ("plain", gettext_lazy("as it stands")),
}


def chip(row: Any, today: date) -> tuple[str, Any]:
    """The state of a direction as it is drawn: late and difficulty come first."""
    if row.state == "open" and row.difficulty:
        return "bad", _("difficulty: %(kind)s") % {"kind": difficulty(row)}
    if row.state == "open" and selectors.late_days(row, today):
        return "bad", _("day is over")
    return DIRECTIONS[row.state]


def difficulty(row: Any) -> str:
    """Which kind of difficulty stands on a direction."""
    return wording.name_of(texts("directions/difficulties")[row.difficulty]) if row.difficulty else ""


def post_title(code: str) -> str:
    """A post in the reader's language."""
    return wording.name_of(chart().post(code).title) if code else ""


def owners(row: Any, at: datetime) -> str:
    """Who answers for a direction, each name once."""
    known = choices(at)
    names = [wording.name_of(known[key].names) for key in dict.fromkeys(a.answerer for a in row.assignments.all())]
    return ", ".join(names)


def assigned(row: Any) -> str:
    """Who answers, with his district where he has one."""
    title = post_title(row.post)
    return f"{title}, {district_name(row.district, wording.lang())}" if row.district else title


def setting_words(at: datetime) -> str:
    """From which day terms count, by the setting."""
    counts_from = book().value("DIR-01", at)["counts_from"]
    return _("Terms count from the %(day)s.") % {"day": wording.name_of(book().words("DIR-01", counts_from))}


def figure(row: Any, at: datetime) -> Figure | None:
    """What the system itself sees of a direction now."""
    return live(row.figure, at)


def carried(row: Any) -> str:
    """How often a direction had been given before."""
    return _("given before: %(n)s") % {"n": row.carried} if row.carried else ""
