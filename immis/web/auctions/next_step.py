"""What is next for a bidder after the end of bidding: a step of the settlement, or the way of the earnest money."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from immis.auctions.selectors import deposit_of
from immis.core.access.permissions import Actor
from immis.leases.path import path_of
from immis.leases.selectors import lease_on_block
from immis.rules.calendar import india_day
from immis.web.auctions.words import deposit_words
from immis.web.shell import wording


@dataclass(frozen=True)
class NextStep:
    """One sentence of what comes next, perhaps with its day, where it is done, and the rule that says so."""

    words: str
    url: str = ""
    code: str = ""
    bad: bool = False


def next_step(bid: Any, viewer: Actor, at: datetime) -> NextStep:
    """Of one's own bid in a lot that is over."""
    lease = lease_on_block(bid.lot.block.code)
    if lease is not None and lease.party_id == viewer.party_id:
        return _of_settlement(lease, at)
    deposit = deposit_of(bid)
    words = deposit_words(deposit)
    if deposit.state == "held" and deposit.facts.winner:
        return NextStep(_("The settlement opens as soon as the result is worked in."), code="AUC-21")
    promised = deposit.returned.facts["due_on"] if deposit.state == "to_return" and deposit.returned else None
    shown = " · ".join(part for part in (words.word, words.note) if part)
    return NextStep(shown, code=words.code, bad=promised is not None and promised < india_day(at))


def _of_settlement(lease: Any, at: datetime) -> NextStep:
    """The first gate that is not passed; behind the last one the settlement itself."""
    url = reverse("settlee_lease", args=[lease.number])
    step = next((step for step in path_of(lease, at) if step.state != "done"), None)
    if step is None:
        return NextStep(_("Mining is permitted: dues and e-challans of the settlement"), url)
    label = wording.name_of(step.label)
    if step.waiting:
        return NextStep(f"{label}: {_('paid, waiting for verification')}", url, step.code)
    if step.due_on is None:
        return NextStep(label, url, step.code)
    until = _("%(step)s by %(day)s") % {"step": label, "day": wording.day(step.due_on)}
    return NextStep(until, url, step.code, bad=step.state == "late")
