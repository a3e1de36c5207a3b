"""The bridge to E-Proc: same checks, once, differences to the desk, agreed results into the settlement."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from immis.adapters.eproc import read_export
from immis.adapters.eproc.reading import export_csv, export_json
from immis.adapters.eproc.signing import new_key, sign
from immis.adapters.eproc.simulator import hold_auction
from immis.adapters.notices import SAMPLES
from immis.auctions import jobs, selectors, services
from immis.auctions.models import EprocExport, EprocOutcome, Lot, LotEvent
from immis.auctions.services.eproc.exports import hold_elsewhere, pull_exports, take_in_export
from immis.auctions.services.eproc.results import take_over
from immis.auctions.verifier import verify
from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.leases.models import Lease
from immis.ledger.selectors import problems
from immis.registry.models import Party
from tests.auctions.season import CLOSES, NOTICE, OPENS, published, read_once

pytestmark = pytest.mark.django_db
PRIVATE, PUBLIC = new_key()
AFTER = CLOSES + timedelta(hours=3)
ONE = "MUN-2026-01"


def auction_of(ghats: int = 3, **changes):
    facts = read_once()
    held = hold_auction(replace(facts, ghats=facts.ghats[:ghats]), seed=4, reference="EP-1")
    return replace(held, **changes)


def differing_export() -> bytes:
    """An export whose first ghat states another amount than its bid log leads to."""
    auction = auction_of()
    wrong = replace(auction.results[0], amount_rupees=1)
    return export_json(replace(auction, results=(wrong, *auction.results[1:])))


@pytest.fixture(autouse=True)
def keys(settings):
    settings.EPROC_PUBLIC_KEYS = [PUBLIC]


def take_in(content, by=SYSTEM, at=AFTER, signature=None):
    signature = sign(content, private_key=PRIVATE) if signature is None else signature
    return take_in_export(content=content, signature=signature, filename="ep.json", source="file", by=by, at=at)


def codes(refused):
    return [finding.code for finding in refused.value.findings]


def settled(season, export, serial=1, at=AFTER):
    return take_over(outcome=export.outcomes.get(serial=serial), emd_seen=True, by=season.mdo, at=at)


def test_an_export_that_agrees_settles_nothing_by_itself(season, at):
    export = take_in(export_json(auction_of()), by=season.mdo)
    assert [one.state for one in export.outcomes.all()] == ["agreed"] * 3
    assert set(Lot.objects.values_list("venue", "result")) == {("eproc", "open")}
    assert not Lease.objects.exists() and not Party.objects.exists()
    assert jobs.announce_closed_lots(at=AFTER) == 0
    assert selectors.outcome_of(season.lot(), AFTER) is None


def test_the_same_file_twice_changes_nothing(season):
    content = export_json(auction_of())
    first = take_in(content)
    events = OutboxEvent.objects.count()
    assert take_in(content) == first
    assert (EprocExport.objects.count(), EprocOutcome.objects.count()) == (1, 3)
    assert OutboxEvent.objects.count() == events


def test_csv_does_the_same_job(season):
    export = take_in(export_csv(auction_of()))
    assert [one.state for one in export.outcomes.all()] == ["agreed"] * 3


@pytest.mark.flow
def test_a_result_taken_over_is_a_settlement_with_its_own_chain(season, data_dir, django_capture_on_commit_callbacks):
    export = take_in(export_json(auction_of()))
    result = auction_of().results[0]
    with django_capture_on_commit_callbacks(execute=True):
        lot = settled(season, export)
    assert (lot.result, lot.highest_rupees, lot.ends_at) == ("sold", result.amount_rupees, result.ended_at)
    lease = Lease.objects.get()
    assert (lease.lot_code, lease.bid_rupees) == (ONE, result.amount_rupees)
    assert lease.emd_adjusted_paise == lot.emd_rupees * 100
    assert lease.party.bank_account and lease.party.pan.startswith("AAAC")
    report = verify(published(data_dir, ONE).read_bytes())
    assert report.ok and report.amount_rupees == result.amount_rupees
    assert report.bids == sum(1 for bid in auction_of().bids if bid.serial == 1)
    assert problems() == []
    with pytest.raises(Refusal) as refused:
        settled(season, export)
    assert codes(refused) == ["EPR-04"]
    assert Lease.objects.count() == 1


def test_all_ghats_taken_over_use_each_party_once(season):
    export = take_in(export_json(auction_of()))
    for serial in (1, 2, 3):
        settled(season, export, serial)
    assert Party.objects.count() == 3 and Lease.objects.count() == 3
    assert OutboxEvent.objects.filter(kind="eproc.done").count() == 1


def test_a_party_that_is_known_by_its_pan_is_not_entered_again(season):
    known = season.party("asha")
    auction = auction_of()
    people = tuple(
        replace(one, pan=known.pan, kind=known.kind) if not n else one for n, one in enumerate(auction.bidders)
    )
    settled(season, take_in(export_json(replace(auction, bidders=people))))
    assert Party.objects.filter(pan=known.pan).count() == 1


@pytest.mark.parametrize("change", ["amount", "winner", "end", "bid"])
def test_a_difference_stops_its_ghat_and_only_it(season, change):
    auction = auction_of()
    first, *rest = auction.results
    other = next(one.reference for one in auction.bidders if one.reference != first.winner)
    changed = {
        "amount": replace(first, amount_rupees=first.amount_rupees + 688_500),
        "winner": replace(first, winner=other),
        "end": replace(first, ended_at=first.ended_at + timedelta(milliseconds=1)),
        "bid": first,
    }[change]
    bids = auction.bids
    if change == "bid":  # their log holds a bid that is not on the steps
        bids = (replace(bids[0], amount_rupees=bids[0].amount_rupees + 1), *bids[1:])
    export = take_in(export_json(replace(auction, results=(changed, *rest), bids=bids)))
    assert [one.state for one in export.outcomes.all()] == ["differs", "agreed", "agreed"]
    found = export.outcomes.get(serial=1).findings
    assert [one["code"] for one in found] == ["EPR-02"] and found[0]["facts"]["differences"]["hi"]
    with pytest.raises(Refusal) as refused:
        settled(season, export)
    assert codes(refused) == ["EPR-04"]
    assert not LotEvent.objects.exists() and not Lease.objects.exists()


def test_another_reserve_price_or_ghat_is_not_our_lot(season):
    auction = auction_of(4)
    lots = (replace(auction.lots[0], reserve_rupees=1), *auction.lots[1:])
    export = take_in(export_json(replace(auction, lots=lots)))
    found = {one.serial: [f["code"] for f in one.findings] for one in export.outcomes.all()}
    assert found == {1: ["EPR-01"], 2: [], 3: [], 4: ["EPR-01"]}


def test_a_winner_without_earnest_money_from_his_own_account_differs(season):
    auction = auction_of()
    entries = tuple(replace(one, emd_account="999") if one.serial == 2 else one for one in auction.entries)
    export = take_in(export_json(replace(auction, entries=entries)))
    assert [one.state for one in export.outcomes.all()] == ["agreed", "differs", "agreed"]
    assert export.outcomes.get(serial=2).findings[0]["code"] == "EPR-03"


def test_the_officer_must_have_seen_the_money(season):
    export = take_in(export_json(auction_of()))
    with pytest.raises(Refusal) as refused:
        take_over(outcome=export.outcomes.get(serial=1), emd_seen=False, by=season.mdo, at=AFTER)
    assert codes(refused) == ["EPR-04"]


def test_nothing_is_taken_over_before_the_end(season):
    export = take_in(export_json(auction_of()), at=OPENS)
    with pytest.raises(Refusal):
        settled(season, export, at=CLOSES - timedelta(milliseconds=1))


@pytest.mark.flow
def test_the_cap_counts_what_was_taken_over_before(season):
    Lot.objects.get(serial=1).block.__class__.objects.update(river="Kiul")
    auction = auction_of()
    winner = auction.results[0].winner
    bids = tuple(replace(one, bidder=winner) for one in auction.bids if one.accepted and one.number == 1)
    results = tuple(
        replace(one, winner=winner, amount_rupees=bid.amount_rupees, ended_at=CLOSES)
        for one, bid in zip(auction.results, bids, strict=True)
    )
    export = take_in(export_json(replace(auction, bids=bids, results=results)))
    assert [one.state for one in export.outcomes.all()] == ["agreed"] * 3
    settled(season, export, 1)
    settled(season, export, 2)
    with pytest.raises(Refusal) as refused:
        settled(season, export, 3)
    assert codes(refused) == ["EPR-02"] and "AUC-06" in refused.value.findings[0].facts["differences"]["en"]


@pytest.mark.parametrize("spoil", ["signature", "none", "byte", "notice"])
def test_an_export_that_cannot_be_trusted_leaves_no_trace(season, spoil):
    content = export_json(auction_of())
    signature = sign(content, private_key=PRIVATE)
    if spoil == "signature":
        signature = sign(content, private_key=new_key()[0])
    elif spoil == "none":
        signature = ""
    elif spoil == "byte":
        content = content.replace(b"Ganga", b"Gange")
    else:
        content = export_json(auction_of(notice="PR 9"))
        signature = sign(content, private_key=PRIVATE)
    with pytest.raises(Refusal) as refused:
        take_in(content, signature=signature)
    assert codes(refused) == ["EPR-05"]
    assert not EprocExport.objects.exists() and not OutboxEvent.objects.filter(kind__startswith="eproc").exists()
    assert season.lot().venue == "immis"


def test_another_district_takes_nothing_in_or_over(season):
    content = export_json(auction_of())
    with pytest.raises(NotPermitted):
        take_in(content, by=season.actor("patna"))
    export = take_in(content)
    with pytest.raises(NotPermitted):
        take_over(outcome=export.outcomes.get(serial=1), emd_seen=True, by=season.actor("patna"), at=AFTER)


def test_an_auction_that_began_here_stays_here(season):
    season.applied("asha", 1)
    with pytest.raises(Refusal) as refused:
        take_in(export_json(auction_of()))
    assert codes(refused) == ["EPR-07"]
    assert not EprocExport.objects.exists()


@pytest.mark.flow
def test_at_a_lot_on_eproc_nobody_applies_or_bids_here(season, at):
    bidder = season.registered("asha")
    hold_elsewhere(notice=season.lot().notice, by=season.mdo, at=at())
    with pytest.raises(Refusal) as refused:
        services.apply_for_lot(lot=season.lot(), bidder=bidder, form={}, by=season.actor("asha"), at=at())
    assert codes(refused) == ["EPR-06"]
    at.set(OPENS)
    assert season.lot().seq == 0


@pytest.mark.flow
def test_the_desk_hears_of_differences_and_of_what_waits_and_is_done(season):
    auction = auction_of()
    wrong = replace(auction.results[0], amount_rupees=1)
    bad = take_in(export_json(replace(auction, results=(wrong, *auction.results[1:]))))
    run_triggers(at=AFTER)
    tasks = {one.code: one for one in Task.objects.all()}
    assert set(tasks) == {"TRG-20", "TRG-21"} and {one.office.code for one in tasks.values()} == {"munger"}
    assert tasks["TRG-20"].facts["differing"] == 1 and tasks["TRG-21"].facts["agreed"] == 2
    good = take_in(export_json(auction))  # the corrected export
    run_triggers(at=AFTER)
    bad.refresh_from_db()
    assert bad.replaced_by == good
    assert [(one.code, one.subject_id) for one in Task.objects.filter(state="open")] == [("TRG-21", str(good.pk))]
    with pytest.raises(Refusal):
        settled(season, bad, 2)
    for serial in (1, 2, 3):
        settled(season, good, serial)
    run_triggers(at=AFTER)
    assert not Task.objects.filter(state="open", subject_kind="eproc").exists()


def test_a_corrected_export_after_the_take_over_is_compared(season):
    auction = auction_of()
    settled(season, take_in(export_json(auction)))
    again = take_in(export_json(replace(auction, reference="EP-1b")))
    assert [one.state for one in again.outcomes.all()] == ["taken_over", "agreed", "agreed"]
    wrong = replace(auction.results[0], amount_rupees=1)
    other = take_in(export_json(replace(auction, reference="EP-1c", results=(wrong, *auction.results[1:]))))
    assert other.outcomes.get(serial=1).state == "differs"


def test_the_api_brings_each_export_once_and_a_bad_one_holds_nobody_up(season):
    class Client:
        def ended(self):
            return ["EP-0", "EP-1"]

        def export(self, reference):
            from immis.adapters.eproc import SignedExport

            content = export_json(auction_of())
            signature = sign(content, private_key=PRIVATE) if reference == "EP-1" else "ed25519:AAAA"
            return SignedExport(content, signature, f"{reference}.json")

    assert pull_exports(at=AFTER, client=Client()) == 1
    assert pull_exports(at=AFTER, client=Client()) == 0
    assert EprocExport.objects.get().source == "api"
    assert jobs.pull_eproc(at=AFTER) == 0  # no address in the settings


def test_the_check_can_be_done_again_from_the_kept_file(season):
    from immis.core.models import Decision
    from immis.core.papers.files import path_of

    export = take_in(export_json(auction_of()))
    kept = path_of(export.sha256).read_bytes()
    assert read_export(kept) == auction_of() and json.loads(kept)["reference"] == "EP-1"
    decisions = Decision.objects.filter(rule_code="EPR-02")
    assert decisions.count() == 3 and {one.facts["sha256"] for one in decisions} == {export.sha256}


def test_samples_are_where_the_notice_is():
    assert (SAMPLES / "munger_2026.txt").read_bytes() == NOTICE
