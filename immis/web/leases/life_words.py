"""The life of a settlement as its pages show it: clocks, notices, acts and deposits, in words."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy

from immis.core.acts import acts_of
from immis.leases import life
from immis.rules.calendar import india_day
from immis.rules.leases.life import CLOCKS, NOTICES
from immis.rules.leases.path import CLEARANCES
from immis.web.shell import wording

#: What was done, where the act itself is called otherwise ("Extend a time limit"), or is none of the page.
ACTS = {
    "obtainer": gettext_lazy("Who obtains plan and EC"),
    "extension": gettext_lazy("Time limit extended"),
    "valid_reason": gettext_lazy("Valid reason accepted"),
    "demarcation": gettext_lazy("Boundary pillars certified"),
    "forfeiture": gettext_lazy("Deposits forfeited"),
    "surrender_asked": gettext_lazy("Surrender asked for"),
    "surrendered": gettext_lazy("Surrender accepted"),
    "cancelled": gettext_lazy("Settlement cancelled"),
    "certificate": gettext_lazy("Certificate case opened"),
    "increase": gettext_lazy("Quantity increased"),
    "refund": gettext_lazy("Return of the security ordered"),
    "carried": gettext_lazy("Clearance carried over"),
    "stored_sand": gettext_lazy("Stored sand found"),
    "royalty": gettext_lazy("Royalty of a year compared"),
    "plan_check": gettext_lazy("Check of the mining plan ordered"),
    "pits_refilled": gettext_lazy("Refilling of pits reported"),
    "proposal": gettext_lazy("Proposed to the Collector"),
    "annulled": gettext_lazy("Auction cancelled after its close"),
    "returned": gettext_lazy("Return of the deposits ordered"),
}
ACT_CODES = {
    "obtainer": "LSE-16", "extension": "LSE-17", "valid_reason": "LSE-18", "demarcation": "LSE-19",
    "forfeiture": "LSE-18", "surrender_asked": "LSE-22", "surrendered": "LSE-22", "cancelled": "LSE-25",
    "certificate": "LSE-23", "increase": "LSE-21", "refund": "LSE-26", "carried": "LSE-27", "stored_sand": "LSE-28",
    "royalty": "LSE-29", "plan_check": "LSE-50", "pits_refilled": "LSE-53",
    "proposal": "LSE-60", "annulled": "LSE-76", "returned": "LSE-77",
}  # fmt: skip
OUTCOMES = {
    "accepted": gettext_lazy("Reply accepted"),
    "paid": gettext_lazy("Was paid"),
    "acted": gettext_lazy("Acted on"),
}
NOTICE_CODES = {"show_cause": "LSE-25", "non_payment": "LSE-24", "surrender_dues": "LSE-23"}
_CLOCK_CODES = {
    "security": "LSE-01", "documents": "LSE-02", "assets": "LSE-03", "plan": "LSE-04", "ec": "LSE-05",
    "cte_cto": "LSE-06", "registration": "LSE-09",
}  # fmt: skip


def life_context(lease: Any, at: datetime) -> dict[str, Any]:
    """What the office's and the settlee's page of a settlement's life both show."""
    today, extensions = india_day(at), life.extensions_of(lease)
    return {
        "clocks": [_clock(name, due_on, name in extensions, today) for name, due_on in life.open_clocks(lease).items()],
        "notices": [_notice(row, today) for row in life.notices_of(lease)][::-1],
        "records": [_act(row) for row in life.acts_of(lease)][::-1],
        "deposits": life.deposits_of(lease),
        "surrender_paise": life.amount_open(life.surrender_dues(lease, at)),
        "obtains": _OBTAINERS[lease.clearances_by],
    }


_OBTAINERS = {"settlee": gettext_lazy("Settlee"), "department": gettext_lazy("Department")}


def _clock(name: str, due_on: date, extended: bool, today: date) -> dict[str, Any]:
    return {
        "label": wording.name_of(CLOCKS[name]),
        "due_on": due_on,
        "extended": extended,
        "late": today > due_on,
        "code": _CLOCK_CODES[name],
    }


def _notice(row: Any, today: date) -> dict[str, Any]:
    drawn = "plain" if row.closed_at else "bad" if today > row.due_on and not row.replied_at else "warn"
    word = OUTCOMES.get(row.outcome) or (gettext_lazy("Answered") if row.replied_at else gettext_lazy("Runs"))
    label = wording.name_of(NOTICES[row.kind])
    return {"row": row, "label": label, "drawn": drawn, "word": word, "code": NOTICE_CODES[row.kind]}


def _act(row: Any) -> dict[str, Any]:
    """What was done, in words of its own or in those of the act that is sent by this word."""
    act = next((act for act in acts_of("lease") if act.sent == row.kind), None)
    label = ACTS.get(row.kind) or (act.label if act else row.kind)
    code = ACT_CODES.get(row.kind) or (act.clause if act else "")
    return {"row": row, "label": label, "code": code, "about": _about(row.facts)}


def _about(facts: dict[str, Any]) -> str:
    """The figures of an act that a reader looks for."""
    parts = []
    if facts.get("clock") in CLOCKS:
        parts.append(wording.name_of(CLOCKS[facts["clock"]]))
    if facts.get("clearance") in CLEARANCES:
        parts.append(wording.name_of(CLEARANCES[facts["clearance"]]))
    if facts.get("who") in _OBTAINERS:
        parts.append(str(_OBTAINERS[facts["who"]]))
    parts += [wording.day(facts[name]) for name in ("until_on",) if facts.get(name)]
    amounts = ("amount_paise", "forfeited_paise", "excess_paise", "open_paise")
    parts += [wording.paise(facts[name]) for name in amounts if facts.get(name)]
    if facts.get("quantity_m3"):
        parts.append(wording.with_unit(float(facts["quantity_m3"]), "m3"))
    parts += [str(facts[name]) for name in ("certified_by", "agency", "place", "from_lease") if facts.get(name)]
    return " · ".join(parts)
