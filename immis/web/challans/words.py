"""How e-challans are worded on every page that shows them: states, refusals with what lifts them, verdicts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.challans.selectors import verdict_on
from immis.challans.signed.words import REASONS, reason_text
from immis.rules.catalogue import Finding
from immis.rules.ledger.receipts import STATE_WORDS
from immis.rules.policy import NotInForce, PolicyValue, book
from immis.rules.writing.texts import texts
from immis.web.shell import wording
from immis.web.shell.components import Action, Answer, ReasonCard, Verdict

STATES = {
    "issued": ("good", gettext_lazy("Valid")),
    "completed": ("info", gettext_lazy("Arrived")),
    "expired": ("plain", gettext_lazy("Validity over")),
    "invalid": ("bad", gettext_lazy("Invalid")),
    "cancelled": ("bad", gettext_lazy("Cancelled")),
}
HEADLINES = {
    "ok": ("good", gettext_lazy("Valid e-challan")),
    "invalid": ("bad", gettext_lazy("Invalid: do not let it pass")),
    "cancelled": ("bad", gettext_lazy("Cancelled: do not let it pass")),
    "expired": ("bad", gettext_lazy("Its time is over")),
    "completed": ("bad", gettext_lazy("Used already: the sand was delivered")),
    "not_yet_valid": ("warn", gettext_lazy("Its time has not begun")),
    "not_found": ("bad", gettext_lazy("No such e-challan was issued")),
    "issued_offline": ("warn", gettext_lazy("Genuine: issued by the ghat in an outage, not yet in the register")),
    "outside_quota": ("bad", gettext_lazy("Outside the quota of its ghat")),
    "key_revoked": ("bad", gettext_lazy("The key of its ghat was revoked")),
    "offline_held": ("bad", gettext_lazy("Not taken into the register: do not let it pass")),
    "mark_needed": ("warn", gettext_lazy("Enter the number of the vehicle too")),
    "no_live": ("bad", gettext_lazy("No e-challan for this vehicle")),
    "number_needed": ("warn", gettext_lazy("Enter the number of the e-challan too")),
    "short_number": ("warn", gettext_lazy("Enter the whole number")),
    "no_number": ("warn", gettext_lazy("This is no number of an e-challan")),
    "empty": ("good", gettext_lazy("Empty: needs no e-challan")),
    "empty_live": ("warn", gettext_lazy("Empty, but its e-challan is in force: was the sand delivered?")),
}
OUTCOMES = {"held": ("bad", gettext_lazy("Vehicle held")), "let_go": ("good", gettext_lazy("Vehicle let go"))}
#: What helps on where too little was typed.
HELP = {
    "mark_needed": gettext_lazy(
        "A number is answered with the number of the vehicle that stands beside it on the print."
    ),
    "number_needed": gettext_lazy(
        "This is the number of a vehicle. The number of its e-challan stands at the top of the print, as "
        "MUN-26-000135; its last digits (135) are enough. The QR needs neither."
    ),
    "short_number": gettext_lazy("Several e-challans end so. It looks like MUN-26-000135."),
    "no_number": gettext_lazy(
        "It looks like MUN-26-000135 and stands at the top of the print; its last digits with the number of the "
        "vehicle are enough. The QR needs neither."
    ),
}


@dataclass(frozen=True)
class Chip:
    """A state as it is drawn."""

    state: str
    label: Any


def state_chip(challan: Any, *, at: datetime, state: str = "") -> Chip:
    """The state of a challan as shape and word; on the road once its vehicle has left the ghat."""
    now = state or ("expired" if challan.state == "issued" and at >= challan.valid_until else challan.state)
    if now == "issued" and challan.started_at:
        return Chip("info", _("On the road"))
    drawn, label = STATES[now]
    return Chip(drawn, label)


def _pay_action(facts: Mapping[str, Any]) -> list[Action]:
    demand = facts.get("demand")
    if not demand:
        return []
    try:
        url = reverse("pay", args=[demand])
    except NoReverseMatch:
        return []
    if facts.get("state") == STATE_WORDS["waiting"]:  # paid once; only the district's verification is missing
        return [Action(_("See the payment"), url)]
    return [Action(_("Pay now"), url, primary=True)]


def hold_card(hold: Mapping[str, Any], *, may_pay: bool = True) -> ReasonCard:
    """A hold that stops e-challans: its own clause, since when, what lifts it, and the button that pays."""
    facts = hold.get("facts") or {}
    return ReasonCard(
        state="bad",
        title=_("Stopped"),
        what=wording.name_of(book().entry(hold["code"]).title),
        why_code=hold["code"],
        why_text=wording.say((hold["code"], facts)),
        since=hold.get("since"),
        lifts=wording.name_of(hold["lifts_when"]) if hold.get("lifts_when") else "",
        actions=_pay_action(facts) if may_pay else [],
    )


def refusal_cards(findings: Iterable[Finding], *, may_pay: bool = True) -> list[ReasonCard]:
    """One card for every reason that refuses an e-challan; holds come each with their own clause."""
    cards = []
    for finding in findings:
        if finding.code == "CH-01":
            cards += [hold_card(hold, may_pay=may_pay) for hold in finding.facts["holds"]]
            continue
        entry = book().entry(finding.code)
        cards.append(
            ReasonCard(
                state="bad",
                title=_("Refused"),
                what=wording.name_of(entry.title),
                why_code=finding.code,
                why_text=wording.say(finding),
                lifts=wording.name_of(entry.lifts) if entry.lifts else "",
            )
        )
    return cards


def figures(*codes: str, on: datetime) -> list[tuple[PolicyValue, str, str]]:
    """Figures that a page rests on, with title and note, so that an unverified one is shown as such."""
    results = []
    for code in codes:
        try:
            value = book().at(code, on)
        except NotInForce:
            continue
        entry = book().entry(code)
        results.append((value, wording.name_of(entry.title), wording.note_of(entry)))
    return results


def headline(reason: str) -> tuple[str, str]:
    """State and headline for the reason of a check."""
    if reason in HEADLINES:
        state, words = HEADLINES[reason]
        return state, str(words)
    return "bad", _("Not genuine")


def reason_of(answer: Any, loaded: bool | None) -> str:
    """The reason of a verdict, by which it is headed: of an empty vehicle that it is empty."""
    state = verdict_on(answer, loaded=loaded)
    return answer.reason if loaded is not False or state == "bad" else "empty" if state == "good" else "empty_live"


def verdict_of(
    answer: Any,
    *,
    warning: Finding | None = None,
    actions: tuple[Action, ...] = (),
    loaded: bool | None = None,
) -> Verdict:
    """The check of a pass as it is read from two metres."""
    reason = reason_of(answer, loaded)
    state, words = headline(reason)
    if reason == "ok" and answer.facts.get("istp"):
        words = _("Valid transit pass (ISTP)")
    warning = warning if state != "bad" else None  # what is not valid says so first
    if warning and state == "good":
        state, words = "warn", _("Look again: this e-challan was seen elsewhere")
    return Verdict(
        state=state,
        headline=words,
        plate=answer.registration,
        what="" if reason == "empty" else _what(answer, warning),
        answers=() if reason == "empty" else _answers(answer),
        why_code=warning.code if warning else "" if answer.good or reason == "empty" else answer.rule_code,
        actions=actions,
    )


def seen_line(scan: Any) -> str:
    """When and where an e-challan was checked before, and what became of the vehicle."""
    where = (
        wording.name_of({"en": scan.office.name_en, "hi": scan.office.name_hi}) if scan.office else _("at the roadside")
    )
    outcome = OUTCOMES.get(scan.outcome)
    seen = {"at": wording.clock_time(scan.at), "where": where}
    line = _("Seen before: %(at)s, %(where)s") % seen
    return f"{line} · {outcome[1]}" if outcome else line


def _what(answer: Any, warning: Finding | None) -> str:
    if warning:
        return wording.say(warning)
    if answer.reason == "invalid" and answer.rule_code:
        return wording.say((answer.rule_code, answer.facts))
    if answer.reason == "cancelled" and answer.rule_code == "CH-42":
        return str(answer.facts[f"why_{wording.lang()}"])
    if answer.reason in REASONS and answer.reason not in HEADLINES:
        return reason_text(answer.reason, wording.lang())
    if answer.reason in HELP:
        return str(HELP[answer.reason])
    if istp := answer.facts.get("istp"):
        return transit_line(istp, answer.facts)
    if answer.challan is None:
        return _("The register of e-challans does not know it.") if answer.reason == "not_found" else ""
    where = {
        "ghat": wording.name_of(answer.challan.lease.block),
        "place": wording.name_of(answer.challan.place),
        "quantity": wording.with_unit(answer.challan.quantity_m3, "m3"),
    }
    line = _("%(quantity)s of sand, %(ghat)s → %(place)s") % where
    hand = _("weight by hand, order {order}").format(order=answer.challan.weight_by)
    return f"{line} · {hand}" if answer.challan.weight_how == "hand" else line


def _answers(answer: Any) -> tuple[Answer, ...]:
    if answer.reason in HELP:
        return ()
    genuine = Answer(_("Genuine?"), _("yes") if answer.genuine else _("no"), "good" if answer.genuine else "bad")
    if answer.in_time is None:
        in_time = Answer(_("In time?"), _("cannot be said"), "plain")
    else:
        ends = answer.challan.valid_until if answer.challan else wording.as_instant(answer.facts.get("valid_until"))
        until = wording.clock_time(ends) if ends else ""
        words = _("until %(at)s") if answer.in_time else _("no, it ended %(at)s")
        in_time = Answer(_("In time?"), words % {"at": until}, "good" if answer.in_time else "bad")
    return genuine, in_time, Answer(_("How old is the list?"), _("straight from the register"), "good")


def transit_line(istp: str, facts: Mapping[str, Any]) -> str:
    """A transit pass of another State in a sentence: the challan that goes with it, its load, whether it entered."""
    state, unit, mineral = (
        wording.name_of(texts(f"transit/{name}")[facts[key]])
        for name, key in (("states", "origin_state"), ("units", "unit"), ("minerals", "mineral"))
    )
    line = _("Transit pass %(istp)s with challan %(origin)s of %(state)s: %(mineral)s, %(quantity)s %(unit)s") % {
        "istp": istp,
        "origin": facts["origin_number"],
        "state": state,
        "mineral": mineral,
        "quantity": wording.number(Decimal(str(facts["quantity"]))),
        "unit": unit,
    }
    entered = wording.as_instant(facts.get("entered_at"))
    return f"{line} · {_('entered')} {wording.clock_time(entered)}" if entered else line
