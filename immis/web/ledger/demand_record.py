"""A demand as a record: what is owed by when, what was paid on it, what stands in the journal, whose it is."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from immis.core.access.permissions import Actor
from immis.rules.calendar import india_day
from immis.web.ledger.words import due_chip
from immis.web.shell import wording
from immis.web.shell.components import ReasonCard
from immis.web.shell.record import Link, Record, Tab, coming, link_to, links

_ROOM = "ledger/record"


def record_of(viewer: Actor, demand: Any, *, entries: int, code: str, at: datetime) -> Record:
    """The record of a demand; ``entries`` is how many journal entries stand to it, ``code`` the clause it rests on."""
    today = india_day(at)
    return Record(
        name=wording.name_of(demand.label),
        number=demand.number,
        chip=due_chip(demand, at=at),
        tabs=[Tab("summary", f"{_ROOM}/summary.html"), Tab("money", f"{_ROOM}/journal.html")],
        facts=[wording.name_of(demand.party), wording.paise(demand.amount_paise)],
        reasons=_late(demand, code, today) if demand.balance_paise and demand.due_on else [],
        links=_links(viewer, demand, entries),
        dates=coming([(_("Due date"), demand.due_on if demand.balance_paise else None, True)], today=today),
    )


def _late(demand: Any, code: str, today: Any) -> list[ReasonCard]:
    if demand.due_on >= today or demand.cancelled_at:
        return []
    what = _("%(sum)s is not paid.") % {"sum": wording.with_crores(demand.balance_paise)}
    lifts = _("The payment, once the district has verified it.")
    return [ReasonCard("bad", _("Overdue"), what, code, since=demand.due_on, lifts=lifts)]


def _links(viewer: Actor, demand: Any, entries: int) -> list[Link]:
    is_lease = demand.subject_kind == "lease"
    number = demand.subject_id
    others = {"lot": "auction_room", "istp": "istp_pass"}
    other = others.get(demand.subject_kind)
    lot = link_to(viewer, number, other, number, count="›") if other else None
    return links(
        link_to(viewer, number, "office_lease", number, count="›") if is_lease else lot,
        link_to(viewer, wording.name_of(demand.party), "office_party", demand.party.code, count="›"),
        Link(_("Journal entries"), "#tab-money", entries),
    )
