"""How a lot, a notice and an order on an auction come to a few states, and when they are asked (test_act_walk.py)."""

from dataclasses import replace
from datetime import timedelta

from django.test import override_settings

from immis.adapters.eproc.reading import export_json
from immis.adapters.eproc.signing import new_key, sign
from immis.adapters.eproc.simulator import hold_auction
from immis.auctions import jobs, services
from immis.auctions.models import LotOrder, TechnicalBid
from immis.auctions.services.eproc.exports import take_in_export
from immis.auctions.services.eproc.results import take_over_seen
from immis.core.access.permissions import SYSTEM
from tests.auctions.season import CLOSES, DECIDED, IMPORTED, NOTICE, OPENS, Season, read_once

SERIAL = 2  # the first ghat is the world's own
LATER = CLOSES + timedelta(days=3)


def season(world) -> Season:
    """The notice taken in, with one ghat, by the offices of the world."""
    facts = read_once()
    cut = replace(facts, ghats=facts.ghats[SERIAL - 1 : SERIAL])
    services.import_notice(facts=cut, findings=[], source=NOTICE, filename="munger.txt", by=SYSTEM, at=IMPORTED)
    return Season(dict(world.users))


def running(world, at):
    made = season(world)
    for name in ("asha", "bina"):
        made.bidder(name, SERIAL)
    at.set(OPENS + timedelta(minutes=30))
    return made.lot(SERIAL)


def paused(world, at):
    lot = running(world, at)
    order = services.ask_order(act="pause", notice=lot.notice, lot=lot, reason="x", by=world.district)
    services.confirm_order(order=order, by=world.collector)
    lot.refresh_from_db()
    return lot


def ended(world, at, *bidders, bid=True):
    made = season(world)
    for name in bidders:
        made.bidder(name, SERIAL)
    at.set(OPENS)
    if bid:
        made.bid(bidders[-1], 1, serial=SERIAL)
    at.set(LATER)
    jobs.announce_closed_lots(at=LATER)
    return made.lot(SERIAL)


def sold(world, at):
    return ended(world, at, "asha", "bina")


def without_bids(world, at):
    return ended(world, at, "asha", "bina", bid=False)


def single(world, at):
    return ended(world, at, "asha")


def recommended(world, at):
    lot = single(world, at)
    LotOrder.objects.create(lot=lot, kind="recommend", number="1", ordered_on=LATER.date(), by=1, at=LATER)
    return lot


def taken_in(world, at):
    made = season(world)
    at.set(IMPORTED + timedelta(days=1))
    return made.lot(SERIAL).notice


def to_decide(world, at):
    made = season(world)
    made.applied("asha", SERIAL)
    at.set(DECIDED)
    return made.lot(SERIAL).notice


def all_decided(world, at):
    made = season(world)
    made.bidder("asha", SERIAL)
    at.set(DECIDED)
    return made.lot(SERIAL).notice


def listed(world, at):
    notice = all_decided(world, at)
    services.publish_result_list(notice=notice, by=world.collector, at=DECIDED)
    return notice


def after_the_end(world, at):
    return sold(world, at).notice


def asked(world, at):
    """The mining office asks for a pause."""
    lot = running(world, at)
    return services.ask_order(act="pause", notice=lot.notice, lot=lot, reason="x", by=world.district)


def in_effect(world, at):
    return services.confirm_order(order=asked(world, at), by=world.collector)


def withdrawn(world, at):
    return services.withdraw_order(order=asked(world, at), by=world.district)


def applied(world, at):
    """Applied, with all papers and without the money."""
    made = season(world)
    made.applied("asha", SERIAL)
    at.set(DECIDED)
    return TechnicalBid.objects.get()


def passed(world, at):
    all_decided(world, at)
    return TechnicalBid.objects.get()


def on_the_list(world, at):
    listed(world, at)
    at.set(OPENS)
    return TechnicalBid.objects.get()


def exported(world, at):
    """What E-Proc's file says of the ghat agrees with its bid log and waits to be taken over."""
    season(world)
    at.set(CLOSES + timedelta(hours=3))
    facts = read_once()
    held = hold_auction(replace(facts, ghats=facts.ghats[SERIAL - 1 : SERIAL]), seed=4, reference="EP-1")
    content, (private, public) = export_json(held), new_key()
    with override_settings(EPROC_PUBLIC_KEYS=[public]):
        signed = {"content": content, "signature": sign(content, private_key=private), "filename": "ep.json"}
        return take_in_export(**signed, source="file", by=world.district, at=at())


def taken_over(world, at):
    export = exported(world, at)
    take_over_seen(export=export, seen={row.pk for row in export.outcomes.all()}, by=world.district, at=at())
    return export


STATES = {
    "eproc": (exported, taken_over),
    "application": (applied, passed, on_the_list),
    "lot": (running, paused, sold, without_bids, single, recommended),
    "notice": (taken_in, to_decide, all_decided, listed, after_the_end),
    "auction_order": (asked, in_effect, withdrawn),
}
