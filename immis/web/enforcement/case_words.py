"""Words of what stands beside a case: papers, proofs of service, replies, hearings, appeals, the sums of a penalty."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.enforcement.acts.cases import SERVED
from immis.enforcement.acts.hearings import CAME
from immis.enforcement.papers.written import arithmetic
from immis.enforcement.selectors import services_of
from immis.registers.clocks import last_day
from immis.rules.policy import book
from immis.web.enforcement.words import link
from immis.web.shell import wording


def reply_until(case: Any) -> Any:
    """The last day of the time to reply; None before a notice."""
    return last_day(case.reply_due_at) if case.reply_due_at else None


_PAPERS = {"N": _("Notice"), "O": _("Order"), "D": _("Decision")}
_WAYS = {"login": _("by log-in"), "link": _("by the link of the SMS"), "office": _("on paper to the office")}


def paper(number: str) -> Any:
    """The kind of a paper of a case in words, by its number."""
    return _PAPERS[number.rpartition("-")[2][0]]


def reply_rows(case: Any, route: str = "") -> list[dict[str, Any]]:
    """The replies of a case with their documents; ``route`` names the page that hands a document out."""
    return [
        {
            "at": reply.at,
            "way": _WAYS[reply.way],
            "text": reply.text,
            "is_late": reply.is_late,
            "files": [
                {"name": _("Document %(n)s") % {"n": n}, "url": link(route, case.number, sha256) if route else ""}
                for n, sha256 in enumerate(reply.documents, 1)
            ],
        }
        for reply in case.replies.order_by("pk")
    ]


_KINDS = {"appeal": _("Appeal"), "revision": _("Revision")}
_OUTCOMES = {
    "dismissed": _("dismissed"),
    "set_aside": _("order set aside"),
    "remanded": _("sent back to be heard again"),
}


def appeal_rows(case: Any, route: str = "", *, today: Any) -> list[dict[str, Any]]:
    """The appeals of a case: when, what, until when it stays the order, what came of it."""
    return [
        {
            "number": row.number,
            "kind": _KINDS[row.kind],
            "at": row.filed_at,
            "grounds": row.grounds,
            "url": link(route, case.number, row.document) if route and row.document else "",
            "stayed_until": row.stay_until if row.decided_at is None else None,
            "stays": row.decided_at is None and row.stay_until is not None and row.stay_until >= today,
            "outcome": _OUTCOMES.get(row.outcome, ""),
            "decision": row.decision,
            "decided_at": row.decided_at,
        }
        for row in case.appeals.order_by("pk")
    ]


_CAME = dict(CAME)


def hearing_rows(case: Any) -> list[dict[str, Any]]:
    """The hearings of a case: when and where, put off or held, who came, what was said."""
    return [
        {
            "at": row.fixed_at,
            "place": row.place,
            "came": _CAME.get(row.came, ""),
            "is_put_off": row.put_off_at is not None,
            "said": row.minutes or row.reason,
        }
        for row in case.hearings.order_by("fixed_at")
    ]


_SERVED = dict(SERVED)


def service_rows(case: Any) -> list[dict[str, Any]]:
    """Proofs that papers of a case reached the accused."""
    return [
        {
            "paper": row.paper.number,
            "way": _SERVED[row.way],
            "on": row.served_on,
            "reference": row.reference,
            "url": link("office_case_file", case.number, row.document),
        }
        for row in services_of(case)
    ]


def sum_rows(computation: Any) -> list[dict[str, Any]]:
    """The lines of a penalty: what for, how it is reckoned, by which rule, how much."""
    return [
        {
            "name": wording.name_of(book().entry(line.code).title),
            "reckoned": arithmetic(line),
            "code": line.code,
            "cites": wording.citation(line.cites),
            "amount_paise": line.amount_paise,
            "is_unverified": line.status == "unverified",
        }
        for line in computation.lines
    ]
