"""Debarments in their register: the time that an order bars, whom it names, who learns of it (E-031, E-070)."""

from datetime import date, datetime

from immis.auctions.events import PartyDebarred
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.services import emit
from immis.holds.debarments import DEBARMENTS
from immis.registers.hooks import Draft, after, before
from immis.registers.selectors import Entry, version_of
from immis.registers.services import Unfit
from immis.registry.pans import claimants
from immis.registry.services import checked_pan
from immis.rules.auctions.bidders import BarFacts, debarred_until
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book


@before(DEBARMENTS, "enter")
def complete_order(draft: Draft) -> None:
    """Two years from its day unless the order says otherwise; the same order again answers the first entry.

    Raises Refusal (REG-01 a PAN that is none, AUC-19 an order of a day to come), Unfit for an end before its beginning.
    """
    values = draft.values
    values["pan"] = checked_pan(values["pan"])
    from_on = date.fromisoformat(values["from_on"])
    if from_on > india_day(draft.at):
        facts = {"what": book().words("AUC-19", "order_record"), "expected": f"≤ {india_day(draft.at):%d.%m.%Y}"}
        raise Refusal(Finding("AUC-19", {**facts, "found": f"{from_on:%d.%m.%Y}"}))
    values.setdefault("until_on", debarred_until(from_on, policy=book(), at=draft.at).isoformat())
    if values["until_on"] < values["from_on"]:
        raise Unfit({"until_on": ("small", f"{from_on:%d.%m.%Y}")})
    draft.key = f"{DEBARMENTS}:{values['pan']}:{values['order_number']}"
    if draft.party_id is None:
        draft.party_id = next((party.pk for party in claimants(values["pan"])), None)


@before(DEBARMENTS, "lift")
def complete_lifting(draft: Draft) -> None:
    """It bars nobody from the day of the order that lifts it on. Raises Refusal (AUC-116) where it is over."""
    values, today = draft.values, india_day(draft.at)
    lifted_on = values.get("lifted_on")
    facts = BarFacts(
        order=values["order_number"],
        today=today,
        until_on=date.fromisoformat(values["until_on"]),
        lifted_on=date.fromisoformat(lifted_on) if lifted_on else None,
    )
    if findings := find("debarment.lift", facts, policy=book(), at=draft.at):
        raise Refusal(findings)
    values["lifted_on"] = today.isoformat()


@after(DEBARMENTS, "enter")
def tell_order(bar: Entry, _by: Actor, at: datetime) -> None:
    """The party learns the order and its last day (TRG-74)."""
    values, causes = bar.values, version_of(bar).fields["cause"].choices or {}
    payload = PartyDebarred(
        order=values["order_number"], pan=values["pan"], source=values["source"],
        until_on=date.fromisoformat(values["until_on"]), district=bar.district, party_id=bar.party_id,
        cause=dict(causes[values["cause"]]),
    )  # fmt: skip
    emit(payload, subject=("debarment", bar.number), at=at)
