"""The payment schedule as a flow chart drawn from the rule book, with the clause on every step (A-13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.rules.calendar import india_day
from immis.rules.policy import NotInForce, book
from immis.web.shell import wording
from immis.web.shell.kept import kept_for_the_day
from immis.web.shell.views import PUBLIC, page

_WIDTH, _TALL, _GAP = 340, 74, 26


@dataclass(frozen=True)
class Node:
    """One step of the chart: what happens, the figure of the rule book, its clause; ``kind`` step, gate or stop."""

    title: str
    detail: str
    code: str
    cites: str
    kind: str = "step"
    y: int = 0


def _node(title: str, detail: str, code: str, on: date, kind: str = "step") -> Node:
    value = book().at(code, on)
    return Node(title, detail, code, wording.citation(value.cites), kind)


def _value(code: str, on: date) -> Any:
    return book().value(code, on)


def nodes(on: date) -> list[Node]:
    """The steps in order, with the figures in force on a day. Raises NotInForce before the first terms."""
    return [_placed(node, index) for index, node in enumerate([*_to_the_deed(on), *_through_the_years(on)])]


def _to_the_deed(on: date) -> list[Node]:
    share, dmf = {"percent": _value("SEC-01", on)}, {"percent": _value("DMF-01", on)}
    days, copies, first = {"n": _value("LSE-01", on)}, {"n": _value("LSE-02", on)}, _value("INS-01", on)
    papers = _("copies and asset statements in %(n)s days") % copies
    return [
        _node(_("E-auction: highest bid"), _("the first year's amount"), "STL-01", on),
        _node(
            _("Security %(percent)s %%") % share, _("within %(n)s days, earnest money adjusted") % days, "SEC-01", on
        ),
        _node(_("Letter of intent"), papers, "LSE-02", on, "gate"),
        _node(_("Plan, EC, consents"), _("%(plan)s, %(ec)s and %(consent)s days") % _clocks(on), "LSE-07", on, "gate"),
        _node(_("First instalment %(percent)s %%") % first, _("verified before the deed"), "INS-01", on),
        _node(_("District Mineral Foundation %(percent)s %%") % dmf, _("of the year's amount"), "DMF-01", on),
    ]


def _through_the_years(on: date) -> list[Node]:
    first, second, third = (_value(f"INS-0{number}", on) for number in (1, 2, 3))
    term, growth = {"n": _value("STL-02", on)}, {"percent": _value("STL-01", on)}
    in_time = _("before %(months)s months are over")
    ahead = _("first instalment %(later_years_days_before)s days before the year begins") % first
    return [
        _node(_("Deed executed"), _("%(n)s years run from this day") % term, "STL-02", on, "gate"),
        _node(_("Pillars, GST, permission to mine"), _("e-challans open"), "LSE-20", on, "gate"),
        _node(_("Second instalment %(percent)s %%") % second, in_time % second, "INS-02", on),
        _node(_("Third instalment %(percent)s %%") % third, in_time % third, "INS-03", on),
        _node(_("Next year: %(percent)s %% of the year before") % growth, ahead, "INS-01", on),
    ]


def _clocks(on: date) -> dict[str, Any]:
    return {"plan": _value("LSE-04", on), "ec": _value("LSE-05", on), "consent": _value("LSE-06", on)}


def stop(on: date) -> list[Node]:
    """The side branch of a missed instalment."""
    rows = [
        _node(
            _("Instalment not verified when its day is over"), _("e-challans close by themselves"), "HLD-01", on, "stop"
        ),
        _node(_("Paid, and verified by the district"), _("e-challans open at that instant"), "PAY-06", on, "gate"),
    ]
    return [_placed(node, index) for index, node in enumerate(rows)]


def _placed(node: Node, index: int) -> Node:
    return Node(node.title, node.detail, node.code, node.cites, node.kind, 10 + index * (_TALL + _GAP))


def chart(rows: list[Node]) -> Mapping[str, Any]:
    """Rows as the template draws them: boxes, arrows, height."""
    return {
        "nodes": rows,
        "arrows": [node.y + _TALL for node in rows[:-1]],
        "height": 10 + len(rows) * (_TALL + _GAP),
        "width": _WIDTH + 20,
        "box": _WIDTH,
        "tall": _TALL,
        "gap": _GAP,
    }


@page(PUBLIC)
@kept_for_the_day()
def flow(request: HttpRequest) -> HttpResponse:
    """The chart as a picture whose boxes lead to their clause, and the same as a table."""
    on = india_day(clock.now())
    try:
        main, side = nodes(on), stop(on)
    except NotInForce:
        main, side = [], []
    context = {"main": chart(main), "side": chart(side), "rows": [*main, *side], "on": on}
    return render(request, "leases/schedule_flow.html", context)
