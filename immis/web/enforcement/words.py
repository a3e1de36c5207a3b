"""Words of enforcement: states, offences, acts and facts, in the reader's language."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from immis.core.events import words_of
from immis.core.nouns import page_of
from immis.enforcement.services.steps import OFFENCES
from immis.messaging.selectors import messages_about
from immis.registry.selectors import users
from immis.rules.movement.offences import offence as offence_of_code
from immis.tracking.events import PowerCut
from immis.web.shell import wording

TASK_STATES = {"open": _("open"), "done": _("done"), "dismissed": _("dismissed")}
CASE_STATES = {
    "opened": _("opened"),
    "noticed": _("notice sent"),
    "ordered": _("penalty ordered"),
    "paid": _("paid"),
    "closed": _("closed"),
    "dropped": _("dropped"),
    "set_aside": _("order set aside"),
}
CASE_CHIPS = {
    "opened": "bad",
    "noticed": "warn",
    "ordered": "warn",
    "paid": "info",
    "closed": "good",
    "dropped": "plain",
    "set_aside": "plain",
}


def case_chip(case: Any) -> tuple[str, Any]:
    """The state of a case in words, the same on every page: (drawn state, word)."""
    return CASE_CHIPS[case.state], CASE_STATES[case.state]


ACTS = {
    "decide_case": _("Decide the case"),
    "decide_appeal": _("Decide the appeal"),
    "recover": _("Open the settlement"),
    "life": _("Orders and notices"),
    "send_notice": _("Open the case"),
    "inspect": _("Look into it"),
    "verify_receipt": _("Verify the payment"),
    "eproc_differs": _("Look at the differences"),
    "eproc_take_over": _("Take over the results"),
    "after_auction": _("Order what follows"),
    "resend_refund": _("Correct the account"),
    "decide_claim": _("Decide the claim"),
    "look": _("Open the entry"),
    "issue_step": _("Open the settlement"),
    "answer_direction": _("Answer the direction"),
    "decide_direction": _("Close or send back"),
    "settle_direction": _("Settle the difficulty"),
}
SIGNALS = {
    "cover_opened": _("device cover opened"),
    "emergency_wire_cut": _("emergency wire cut"),
    "settings_changed": _("device settings changed"),
    "tilted": _("device tilted"),
    "voltage_fell": _("supply voltage fell"),
    "cloned": _("one IMEI on two devices"),
    "forged": _("forged positions"),
    "frozen_cell": _("network cell does not change"),
    "jumped": _("impossible jumps"),
    "antenna_cut": _("antenna cut"),
    "power_cut": _("main power cut"),
    PowerCut.KIND: _("main power cut"),
}
_FACTS = {
    "found": _("What was found"),
    "challan": _("E-challan"),
    "place": _("Claimed place of issue"),
    "ghat": _("Ghat"),
    "lease": _("Settlement"),
    "party": _("Party"),
    "owner": _("Owner of the vehicle"),
    "registration": _("Vehicle"),
    "vehicle": _("Kind of vehicle"),
    "imei": _("GPS device (IMEI)"),
    "signal": _("Signal"),
    "grade": _("Grade of the evidence"),
    "seen_at": _("Seen at"),
    "issued_at": _("Issued at"),
    "fix_at": _("GPS fix at"),
    "address": _("Sent from"),
    "lat": _("Latitude"),
    "lon": _("Longitude"),
    "distance_m": _("Distance"),
    "waited_min": _("Waited (minutes)"),
    "demand": _("Demand"),
    "receipt": _("Receipt"),
    "label": _("For"),
    "amount_paise": _("Amount"),
    "due_on": _("Due on"),
    "grn": _("Treasury number (GRN)"),
    "raw": _("Raw frame of the device"),
    "reference": _("Export"),
    "notice": _("Notice"),
    "lots": _("Ghats"),
    "agreed": _("Agrees, to be taken over"),
    "differing": _("Differs"),
}
_VALUES = {
    "strong": _("strong"),
    "suspect": _("suspect"),
    "truck": _("truck"),
    "tractor": _("tractor"),
    **SIGNALS,
}


def fact_rows(facts: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Facts as (label, value) in the order of a case file; what has no label or no value is left out."""
    rows = []
    for name, label in _FACTS.items():
        value = facts.get(name)
        if value not in (None, "", {}, [], 0):
            rows.append((label, wording.guarded(partial(_fact, name), value, code=name, instead=str)))
    return rows


#: What a machine wrote for machines: folded under technical details.
_TECHNICAL = ("raw", "address")


def technical_rows(facts: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """The facts of a case that a machine wrote, as (label, value)."""
    return fact_rows({name: facts[name] for name in _TECHNICAL if name in facts})


def plain_rows(facts: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """The other facts of a case."""
    return fact_rows({name: value for name, value in facts.items() if name not in _TECHNICAL})


def _fact(name: str, value: Any) -> Any:
    if name == "distance_m":
        return wording.distance(value)
    return wording.worded_fact(name, _VALUES.get(value, value) if isinstance(value, str) else value)


def task_text(task: Any) -> str:
    """What a task is about, in words."""
    signal = task.facts.get("signal")
    worded = {"signal": str(SIGNALS[signal])} if isinstance(signal, str) and signal in SIGNALS else {}
    return wording.say((task.code, {**task.facts, **worded}))


def offence(code: str) -> str:
    """The offence of a case in words."""
    return wording.name_of(OFFENCES.get(code, OFFENCES["other"]))


_ACCUSED = {
    "settlee": _("the settlee"),
    "owner": _("the owner of the vehicle"),
    "driver": _("the driver"),
    "buyer": _("the buyer"),
}


def accused(code: str) -> str:
    """Whom a case of an offence can be against, the first known of them at its beginning."""
    return ", ".join(str(_ACCUSED[who]) for who in offence_of_code(code).accused)


def link(name: str, *args: Any) -> str:
    """An address by its name, or empty where this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def subject_link(kind: str, subject_id: str, facts: Mapping[str, Any]) -> str:
    """Where the record that a task or message is about is shown to an officer, as its noun says."""
    page = page_of(kind, subject_id, facts)
    address = link(page.name, *page.args) if page else ""
    return f"{address}?{page.query}" if page and address and page.query else address


_WHY = ("note", "reason", "outcome", "reply")


def log_lines(rows: Any) -> list[dict[str, Any]]:
    """Lines of the action log about one record: when, what, who, why."""
    rows = list(rows)
    people = users(pk__in={row.user_id for row in rows if row.user_id})
    names = {user.pk: wording.name_of(user) for user in people}
    return [
        {
            "at": row.at,
            "what": words_of(row.code),
            "who": names.get(row.user_id, "IMMIS"),
            "why": next((row.facts[name] for name in _WHY if row.facts.get(name)), ""),
        }
        for row in rows
    ]


def sent_about(kind: str, number: str) -> list[dict[str, Any]]:
    """The messages that were sent about a record: when, by which text, and on which ways."""
    return [
        {
            "at": row.at,
            "template": row.template,
            "channels": ", ".join(str(wording.CHANNELS[way.channel]) for way in row.deliveries.all()),
        }
        for row in messages_about(kind, number)
    ]
