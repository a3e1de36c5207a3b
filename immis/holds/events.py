"""What is told of stops: that they began and ended, that an order suspends them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.events import Facts, Names, Payload, event, gathers, shared, step
from immis.core.nouns import Noun, declare_noun
from immis.rules.holds.stops import CHALLANS
from immis.rules.writing.texts import text

declare_noun(Noun("district"))
declare_noun(Noun("state"))

step("hold.ordered", _("Hold ordered"))
step("hold.lifted", _("Hold lifted"))
step("hold.suspension_withdrawn", _("Suspension withdrawn"))


@shared
class Stop(Payload):
    """A stop, and the facts that its rule or order names (district, ghat, party, demand, reference …)."""

    ABOUT = ("lease", "vehicle", "party", "district", "state")
    SPREAD = "cause_facts"

    cause_facts: Mapping[str, Any]
    rule_code: str
    since: datetime


@shared
class Spell(Stop):
    """A stop as long as it stands."""

    subject_kind: str
    subject_id: str
    stops: str


@event("hold.started", _("E-challans stopped"))
class HoldStarted(Spell):
    """A stop began at its legal instant (A-17)."""


@event("hold.ended", _("E-challans open again"))
class HoldEnded(Spell):
    """A stop ended, by its cause and its officer (A-19)."""

    ended_at: datetime
    ended_by: int | None
    officer: str
    cause: Names


@shared
class SuspensionNews(Stop):
    """An order that suspends one stop until its end (A-18)."""

    cause: str
    authority: Names
    reference: str
    reason: str
    document: str
    until: datetime


@event("hold.suspended", _("Stop suspended by order"))
class HoldSuspended(SuspensionNews):
    """The order was entered."""


@event("hold.suspension_over", _("Suspension over"))
class SuspensionOver(SuspensionNews):
    """Its time is over, or it was withdrawn."""


@gathers(HoldStarted, HoldEnded)
def spell_facts(payload: Spell, row: Any) -> Facts:
    """Whom the stop reaches and what it stops, in words."""
    facts = {"district": "", **row.facts}
    if payload.subject_kind == "vehicle":
        facts["ghat"] = text("enforcement/words", "vehicle", number=payload.subject_id)
    stopped = text("enforcement/words", "stops_challans") if payload.stops == CHALLANS else payload.stops
    return {**facts, "stops": stopped}
