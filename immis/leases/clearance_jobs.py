"""What the worker does for clearances: silence that became consent, validity that ended, proposals on PARIVESH."""

import logging
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import transaction

from immis import clock
from immis.adapters.parivesh.cache import SliceCache
from immis.adapters.parivesh.http_client import HttpParivesh
from immis.adapters.parivesh.port import Parivesh, PariveshUnreachable, Proposal, ProposalUnknown
from immis.core.access.permissions import SYSTEM
from immis.core.batches import each
from immis.core.selectors import cursor_position, move_cursor
from immis.holds.selectors import spells
from immis.holds.services import open_spell
from immis.leases.clearances import ended_by, run_out, to_ask, unanswered, unnamed
from immis.leases.models import Clearance, ProposalWatch
from immis.leases.selectors import lease_facts
from immis.leases.services.clearances import spell_key
from immis.leases.services.parivesh import note_hint, note_silence, note_standing
from immis.leases.services.water import deem_granted
from immis.rules.calendar import india_day
from immis.rules.holds.stops import CHALLANS
from immis.rules.leases.clearances import same_body

log = logging.getLogger(__name__)
_A_RUN = 5
_SILENCE = "leases.clearances"
_LOOKED = "leases.proposals"
_LOOK_EVERY = timedelta(hours=12)
_FILED_BEFORE = timedelta(days=30)


def announce_clearances(*, at: datetime) -> int:
    """Announce what time alone made of clearances; answers how much was new. The hold itself needs no job."""
    deemed = each(_SILENCE, unanswered(), lambda row: bool(deem_granted(row, at=at)), name=lambda row: row.pk)
    return _open_spells(at=at) + deemed


def _open_spells(*, at: datetime) -> int:
    over = list(ended_by(at))
    keys = {spell_key(row, row.valid_until): row for row in over if row.valid_until}
    begun = set(spells(cause_key__in=list(keys)).values_list("cause_key", flat=True))
    new = [key for key in keys if key not in begun]
    return each(_SILENCE, new, lambda key: _open_spell(key, keys[key], at=at), name=str)


def _open_spell(key: str, row: Clearance, *, at: datetime) -> bool:
    finding = run_out(row, at=at)
    if finding is None:
        return False
    facts = {**lease_facts(row.lease), "label": finding.facts["clearance"], "reference": row.reference}
    facts |= {"rule_code": finding.code, "stops": CHALLANS}
    subject = ("lease", row.lease.number)
    return open_spell(cause_key=key, subject=subject, since=finding.facts["since"], facts=facts, by=SYSTEM, at=at)


@cache
def _portal(url: str) -> Parivesh:
    folder = clock.data_dir() / "cache" / "parivesh"
    return HttpParivesh(url, cache=SliceCache(folder, today=lambda: india_day(clock.now())))


def portal() -> Parivesh | None:
    """The portal of this installation; None where none is named (``IMMIS_PARIVESH_URL``)."""
    return _portal(settings.PARIVESH_URL) if settings.PARIVESH_URL else None


def follow_proposals(*, at: datetime) -> int:
    """Ask PARIVESH about the proposals whose time has come; answers how many stand otherwise than before.

    A portal that does not answer is left alone for this round: nothing else of the worker waits for it.
    """
    asked = portal()
    news = 0

    def note(answer: tuple[ProposalWatch, Proposal]) -> bool:
        return note_standing(*answer, at=at)

    for watch in to_ask(at, _A_RUN) if asked else ():
        try:
            proposal = asked.proposal(watch.number)  # type: ignore[union-attr]
        except ProposalUnknown:
            note_silence(watch, "unknown", at=at)
        except PariveshUnreachable as error:
            log.warning("PARIVESH does not answer: %s", error)
            note_silence(watch, "unreachable", at=at)
            break
        else:
            news += each(_LOOKED, [(watch, proposal)], note, name=lambda row: row[0].number)
    return news


def look_for_proposals(*, at: datetime) -> int:
    """Search the portal's register for proposals of settlees who applied for an EC and named no number (A-20).

    Twice a day, by slices of days that are kept once they are over; answers how many were new. A portal that does
    not answer is asked again in the next half day.
    """
    turn = int(at.timestamp() // _LOOK_EVERY.total_seconds())
    rows, asked = unnamed(), portal()
    if not rows or asked is None or not _my_turn(turn):
        return 0
    first = min(row.applied_on for row in rows) - _FILED_BEFORE
    news = 0
    try:
        for proposal in asked.search(from_on=first, to_on=india_day(at)):
            mine = [row for row in rows if same_body(proposal.agency, row.lease.party.name_en)]
            news += sum(note_hint(row, proposal, at=at) for row in mine)
    except PariveshUnreachable as error:
        log.warning("PARIVESH does not answer a search: %s", error)
    return news


@transaction.atomic
def _my_turn(turn: int) -> bool:
    """Whether nobody searched in this half day yet; from now on somebody did."""
    if cursor_position(_LOOKED) >= turn:
        return False
    move_cursor(_LOOKED, turn)
    return True
