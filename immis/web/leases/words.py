"""Settlements and dues as the pages show them: paths, schedules, statements and reason cards, in words."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.core.access.permissions import Actor
from immis.core.grants import may
from immis.holds.selectors import spells_on
from immis.leases.path import PathStep
from immis.leases.selectors import DueRow
from immis.leases.states import state_of
from immis.ledger.selectors import Entry, receipts
from immis.registry.selectors import users
from immis.rules.calendar import india_day
from immis.rules.holds.stops import CAUSES, NO, SILENT, YES, StandingHold, may_stop
from immis.rules.ledger.receipts import STATE_WORDS
from immis.rules.policy import book
from immis.web.ledger.words import DUES
from immis.web.shell import wording
from immis.web.shell.components import Action, ReasonCard, ScheduleRow, StatementLine, Step

LEASES = {
    "cancelled": ("bad", gettext_lazy("Cancelled")),
    "stopped": ("bad", gettext_lazy("E-challans stopped")),
    "over": ("plain", gettext_lazy("Period over")),
    "mining": ("good", gettext_lazy("Mining permitted")),
    "deed": ("info", gettext_lazy("Deed executed")),
    "loi": ("warn", gettext_lazy("LoI issued, clearances under way")),
    "opened": ("warn", gettext_lazy("Security and papers")),
}


def lease_chip(lease: Any, *, stopped: bool, at: datetime) -> tuple[str, Any]:
    """The state of a settlement in words, the same on every page: (drawn state, word)."""
    return LEASES[state_of(lease, stopped=stopped, at=at)]


_HOLDS = {
    "HLD-01": gettext_lazy("E-challans stopped"),
    "HLD-02": gettext_lazy("E-challans not open yet"),
    "HLD-04": gettext_lazy("Settlement over"),
    "HLD-20": gettext_lazy("A clearance has run out"),
    "HLD-10": gettext_lazy("E-challans closed for a time"),
}


def by_deed(lease: Any, at: datetime) -> str:
    """What a settlement older than the rule book goes by, in a sentence; empty for all others (TKO-02)."""
    if not lease.own_terms:
        return ""
    stops = lease.unpaid_stops
    if stops == SILENT:
        stops = f"{SILENT}_{YES if may_stop(stops, policy=book(), at=at) else NO}"
    facts = {"auction_on": wording.day(india_day(lease.auction_closed_at)), "deed_on": wording.day(lease.deed_on)}
    words = book().words("TKO-02", stops)[wording.lang()]
    return book().say("TKO-02", {**facts, "stops": words}, wording.lang())


def path_steps(steps: Iterable[PathStep]) -> list[Step]:
    """Gates with the day they were done, or their clock."""
    return [Step(wording.name_of(step.label), step.state, _step_note(step), step.code) for step in steps]


def _step_note(path_step: PathStep) -> str:
    if path_step.done_on:
        return wording.day(path_step.done_on)
    if path_step.waiting:
        return _("paid, waiting for verification")
    if path_step.due_on:
        return f"{wording.day(path_step.due_on)} · {wording.ago_or_in(path_step.due_on)}"
    if path_step.begun_on:
        return _("applied for on %(day)s") % {"day": wording.day(path_step.begun_on)}
    return ""


def schedule_rows(rows: Iterable[DueRow], *, payer: bool = False) -> list[ScheduleRow]:
    """The schedule as drawn; ``payer`` links what can be paid to its payment page."""
    return [_schedule_row(row, payer=payer) for row in rows]


def near_and_far(rows: Sequence[DueRow], *, today: date) -> tuple[list[DueRow], list[DueRow]]:
    """The years that matter now (unsettled past ones, the running and the next), and the later ones."""
    coming = [row.year for row in rows if row.due_on is None or row.due_on >= today]
    last = min(coming, default=max((row.year for row in rows), default=1)) + 1
    return [row for row in rows if row.year <= last], [row for row in rows if row.year > last]


def _schedule_row(row: DueRow, *, payer: bool) -> ScheduleRow:
    state, word = DUES[row.state]
    note = str(word)
    if row.state == "overdue" and row.due_on:
        note = wording.unpaid_since(row.due_on)
    elif row.state == "due_soon" and row.due_on:
        note = f"{word} · {wording.ago_or_in(row.due_on)}"
    url = reverse("pay", args=[row.demand]) if payer and row.demand else ""
    return ScheduleRow(wording.name_of(row.label), row.due_on, row.amount_paise, state, note, row.code, url)


def statement_lines(entries: Iterable[Entry], *, viewer: Actor) -> list[StatementLine]:
    """An account as drawn: demands on the left, verified receipts on the right; each line opens its entries."""
    shown = "pay" if viewer.is_party else "office_demand"
    return [
        StatementLine(
            on=entry.on,
            label=wording.name_of(entry.label),
            debit_paise=entry.debit_paise,
            credit_paise=entry.credit_paise,
            balance_paise=entry.balance_paise,
            note=_statement_note(entry),
            url=reverse(shown, args=[entry.demand]) if entry.demand else "",
        )
        for entry in entries
    ]


def _statement_note(entry: Entry) -> str:
    if not entry.demand:
        return f"{_('Returned')} {entry.receipt}"
    return f"{_('Receipt')} {entry.receipt}" if entry.receipt else f"{_('Demand')} {entry.demand}"


def reason_cards(
    lease: Any, holds: Sequence[StandingHold], *, viewer: Actor, gates: Sequence[PathStep] = ()
) -> list[ReasonCard]:
    """Each standing hold as a card: what, why with clause, since when, what lifts it, and the next act.

    ``gates`` is the path: what is not permitted yet is told by the first gate that is not passed.
    """
    gate = next((step for step in gates if step.state in ("now", "late")), None)
    return [_card(lease, hold, viewer, gate) for hold in holds]


def _card(lease: Any, hold: StandingHold, viewer: Actor, gate: PathStep | None) -> ReasonCard:
    title = str(_HOLDS.get(hold.rule_code, _("Stopped by order")))
    early = hold.rule_code == "HLD-02"
    in_time = early and not (gate and gate.state == "late")
    return ReasonCard(
        state="warn" if in_time else "bad",
        title=title,
        what=_what(hold, gate),
        why_code=hold.law_code,
        why_text=wording.say(hold.finding),
        since=None if early else hold.since,
        lifts=wording.name_of(hold.lifts_when),
        actions=_acts(lease, hold, viewer),
    )


def _what(hold: StandingHold, gate: PathStep | None) -> str:
    facts = hold.facts
    if hold.rule_code == "HLD-01":
        return f"{wording.name_of(facts['label'])} · {wording.paise(facts['amount_paise'])}"
    if hold.rule_code == "HLD-02":
        return _next_gate(gate) if gate else _("Mining is not permitted yet")
    if hold.rule_code == "HLD-04":
        return _("The settlement is over")
    if hold.rule_code == "HLD-20":
        return f"{wording.name_of(facts['clearance'])} · {facts['reference']}"
    return _("E-challans are stopped by order %(reference)s") % {"reference": facts.get("reference", "—")}


def _next_gate(gate: PathStep) -> str:
    note = _step_note(gate)
    facts = {"gate": wording.name_of(gate.label), "note": note}
    return (_("First to be done: %(gate)s (%(note)s)") if note else _("First to be done: %(gate)s")) % facts


def _acts(lease: Any, hold: StandingHold, viewer: Actor) -> list[Action]:
    if hold.rule_code != "HLD-01":
        return []
    if viewer.is_party:
        waits = hold.facts["state"] == STATE_WORDS["waiting"]
        label = _("See the payment") if waits else _("Pay now")
        return [Action(label, reverse("pay", args=[hold.facts["demand"]]), primary=not waits)]
    waiting = receipts(viewer, state="paid_unverified", demand__number=hold.facts["demand"]).first()
    if waiting and may(viewer, "receipt.verify"):
        return [
            Action(_("Verify the payment"), reverse("office_payment", args=[waiting.number]), primary=True, key="v")
        ]
    return [Action(_("See the demand"), reverse("office_demand", args=[hold.facts["demand"]]))]


def spell_rows(lease: Any) -> list[dict[str, Any]]:
    """Each announced stop with its cause, rule, times and officer (A-19)."""
    rows = []
    for spell in spells_on(("lease", lease.number)):
        officer = users(pk=spell.ended_by).first() if spell.ended_by else None
        rows.append(
            {
                "spell": spell,
                "what": wording.name_of(spell.facts.get("label")) or spell.facts.get("reference", ""),
                "end": wording.name_of(CAUSES[spell.end_cause]) if spell.end_cause else "",
                "officer": wording.name_of(officer) if officer else "",
            }
        )
    return rows
