"""The list of settlements: the word of each is the condition of all; benchmarks keep fitting the records."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from immis.bench import dues, settlements
from immis.core.errors import Refusal
from immis.holds.services import SuspensionOrder, suspend_hold
from immis.leases import life, reminders, selectors, services, states
from immis.leases.clearance_jobs import look_for_proposals
from immis.leases.models import Clearance, Lease, ProposalHint
from immis.ledger.entries import pending_cases, pending_on
from immis.registers.selectors import entry_of
from immis.registry.models import Block
from tests.ledger.cases import close_case, the_case
from tests.settlement import BID, EMD_PAISE, STATEMENT, india

pytestmark = pytest.mark.django_db
DISTRICTS = ["Munger", "Patna"]
AT = datetime(2029, 3, 20, 5, 0, tzinfo=UTC)


@pytest.fixture
def many(db):
    settlements.fill_leases(66, at=AT, districts=DISTRICTS)
    shown = {"cancelled_at": AT, "cancel_reason": "x"}
    Lease.objects.filter(pk=1).update(**shown)
    Lease.objects.filter(pk=2).update(period_to=date(2029, 3, 19))
    Lease.objects.filter(pk=3).update(permitted_at=None)
    Lease.objects.filter(pk=4).update(permitted_at=None, deed_on=None, period_from=None, period_to=None)
    Lease.objects.filter(pk=5).update(permitted_at=None, deed_on=None, period_to=None, loi_on=None)
    Lease.objects.filter(pk=33).update(**shown)


def test_each_settlement_stands_in_the_state_that_the_list_finds_it_in(many):
    stopped = states.stopped_numbers(AT)
    every = Lease.objects.all()
    found = {state: set(states.in_state(every, state, at=AT).values_list("pk", flat=True)) for state in states.STATES}
    assert all(found.values()), found
    for lease in every:
        word = states.state_of(lease, stopped=lease.number in stopped, at=AT)
        assert [state for state in found if lease.pk in found[state]] == [word], lease.number
    assert found["stopped"] == {66} and states.stopped_numbers(AT, among=["x"]) == set()


def test_an_order_that_suspends_the_stop_takes_it_off_the_list(many, world):
    lease = Lease.objects.get(pk=66)
    for hold in selectors.standing_holds(lease, AT):
        suspend_hold(
            subject=("lease", lease.number),
            order=SuspensionOrder(
                rule_code=hold.rule_code,
                cause=hold.facts["demand"],
                authority="court",
                reference="C/1",
                document="ab" * 32,
                reason="",
                since=AT,
                until=datetime(2029, 4, 20, tzinfo=UTC),
            ),
            facts=selectors.lease_facts(lease),
            by=world.actor("hq"),
            at=AT,
        )
    assert (
        lease.number not in states.stopped_numbers(AT)
        and not states.in_state(Lease.objects.all(), "stopped", at=AT).exists()
    )


def test_the_benchmark_of_dues_runs_on_the_records_as_they_are(db, at):
    settlements.fill_leases(40, at=AT, districts=dues._districts())
    dues.open_offices(dues._districts())
    dues._settlee()
    at.set(AT)
    for name, (who, address) in dues._asked(40).items():
        assert dues.signed_in(who).get(address(1)).status_code == 200, name
    assert dues.night(40)["news"] > 0


# -- what passes on, and what is registered once


@pytest.mark.flow
def test_an_ec_passes_on_with_its_validity_and_its_paper(world):
    lease, collector = world.mining(), world.actor("collector")
    services.add_version(
        lease=lease,
        kind="ec",
        grant=services.ClearanceGrant(
            granted_on=date(2026, 7, 20),
            valid_until=date(2031, 7, 19),
            reference="EC/2",
            quantity_m3=80_000,
            document=services.Document("ec.pdf", b"%PDF-1.7 ec"),
        ),
        by=world.district,
        at=india("2026-07-21"),
    )
    services.issue_notice(lease=lease, kind="show_cause", grounds="x", by=collector, at=india("2026-08-01"))
    services.cancel_settlement(lease=lease, reason="x", by=collector, at=india("2026-08-20"))
    after = _sold_again(world, "2026-09-01")
    ec = selectors.clearances_of(after)["ec"]
    version = ec.versions.get()
    assert ec.valid_until == date(2031, 7, 19) and version.document["type"] == "PDF" and version.rule_code == "LSE-27"
    services.issue_notice(lease=after, kind="show_cause", grounds="x", by=collector, at=india("2031-07-20"))
    services.cancel_settlement(lease=after, reason="x", by=collector, at=india("2031-08-20"))
    assert selectors.granted_kinds(_sold_again(world, "2031-09-01")) == ["plan"], "the EC ran out on 19.07.2031"


def _sold_again(world, closed: str) -> Lease:
    lease = services.open_settlement(
        lot=services.SoldLot(
            lot_code=f"MUN-R-{closed}",
            block=Block.objects.get(pk=world.block.pk),
            party=world.party,
            bid_rupees=BID,
            emd_paise=EMD_PAISE,
            closed_at=india(closed),
            clearances_by="department",
        ),
        at=india(closed),
    )
    day = india(closed, "18:00:00")
    world.pay_and_verify(selectors.security_demand(lease), at=day)
    order = {"lease": lease, "on": date.fromisoformat(closed), "by": world.district, "at": day}
    services.record_documents(**order)
    services.record_assets(**STATEMENT, **order)
    assert lease.clearances_by == "department"
    return world.issue("loi", lease=lease, at=day)


def test_a_certificate_case_of_a_settlement_stands_in_the_one_register(world):
    """E-032, E-112: it bars its party from tenders, and holds the security, until it is closed by order."""
    lease, collector = world.mining(), world.actor("collector")
    services.issue_notice(lease=lease, kind="surrender_dues", grounds="x", by=collector, at=india("2026-09-01"))
    services.open_certificate_case(lease=lease, number="C/1", by=collector, at=india("2026-09-23"))
    assert pending_cases([world.party.pan]) == ("C/1",) == pending_on(lease.number)
    row, _register = entry_of(the_case().number, world.actor("hq"))
    assert (row.values["amount"], row.district, row.values["office"]) == (223_762_500, "Munger", "मुंगेर")
    assert len(row.values["demands"]) >= 1 and row.values["lease"] == lease.number
    close_case(row, order="CO/7", by=collector, at=india("2026-10-01"))
    assert pending_cases([world.party.pan]) == () == pending_on(lease.number)


def test_what_is_paid_in_part_is_asked_for_by_its_balance(world):
    lease, collector = world.mining(), world.actor("collector")
    second = world.instalment(lease, 1, 2)
    from immis.ledger.services import begin_payment, verify_receipt

    start = begin_payment(demand=second, by=world.settlee, at=india("2026-10-01"), return_url="http://testserver/x/")
    world.treasury.books.settle(start.receipt.grn, paid=True, account="31415926535", amount_paise=100_000_000)
    verify_receipt(receipt=start.receipt, by=world.district, at=india("2026-10-01"), reason="आंशिक")
    dmf = next(one for one in life.open_demands_of(lease) if one.key == f"dmf:{lease.number}:1")
    world.pay_and_verify(dmf, at=india("2026-10-02"))
    notice = services.issue_notice(lease=lease, kind="non_payment", grounds="x", by=collector, at=india("2026-10-16"))
    assert notice.amount_paise == 123_762_500


# -- the calendar


def test_refilled_pits_are_asked_for_once_an_interval_even_after_a_sleep(world):
    """E-109: permitted on 15.07.; every thirty days without a report."""
    lease = world.mining()
    assert reminders._pits(india("2026-08-13"), since=date(2026, 8, 12)) == 0
    assert reminders._pits(india("2026-08-14"), since=date(2026, 8, 13)) == 1
    assert reminders._pits(india("2026-08-20"), since=date(2026, 8, 10)) == 1, "a worker that slept tells it late, once"
    services.report_refill(
        lease=lease, on=date(2026, 9, 1), quantity_m3=5, place="x", by=world.settlee, at=india("2026-09-02")
    )
    assert reminders._pits(india("2026-09-13"), since=date(2026, 9, 12)) == 0
    assert reminders._pits(india("2026-10-01"), since=date(2026, 9, 30)) == 1


# -- proposals that nobody named


class Portal:
    """A register with one proposal of our settlee and one of somebody else's."""

    def search(self, *, from_on, to_on, state=10):
        from immis.adapters.parivesh.port import Proposal

        assert from_on == date(2026, 6, 5) and to_on == date(2026, 7, 6)
        yield Proposal("SIA/BR/MIN/9/2026", "Under examination", date(2026, 7, 5), "M/s GANGA SANDS Pvt. Ltd.", {})
        yield Proposal("SIA/BR/MIN/8/2026", "Under examination", date(2026, 7, 5), "Kosi Sands", {})


def test_the_register_of_parivesh_names_a_proposal_that_the_settlee_did_not(world, monkeypatch):
    """A-20: found by the body's name, told once, followed when an officer confirms it."""
    lease = world.with_loi()
    plan = services.ClearanceGrant(granted_on=date(2026, 7, 2), reference="P", quantity_m3=91_800)
    services.record_clearance(
        lease=lease,
        kind="plan",
        applied_on=date(2026, 6, 20),
        grant=plan,
        by=world.district,
        at=india("2026-07-06"),
    )
    services.record_clearance(
        lease=lease, kind="ec", applied_on=date(2026, 7, 5), by=world.district, at=india("2026-07-06")
    )
    monkeypatch.setattr("immis.leases.clearance_jobs.portal", Portal)
    assert look_for_proposals(at=india("2026-07-06")) == 1
    assert look_for_proposals(at=india("2026-07-06", "10:30:00")) == 0, "twice a day"
    hint = ProposalHint.objects.get()
    assert hint.number == "SIA/BR/MIN/9/2026"
    services.follow_proposal(lease=lease, kind="ec", number=hint.number, by=world.district, at=india("2026-07-06"))
    assert Clearance.objects.get(kind="ec").proposal.number == hint.number
    assert look_for_proposals(at=india("2026-07-08")) == 0, "nothing is unnamed"


@pytest.mark.flow
def test_a_notice_names_who_obtains_before_its_first_lot_ends(world):
    from immis.auctions.models import Lot, Notice
    from immis.auctions.services import name_obtainer

    at = india("2026-05-25")
    notice = Notice.objects.create(
        number="N/1", district="Munger", source_name="x", source_sha256="a" * 64, imported_at=at
    )
    said = {"who": "department", "reference": "No. 4", "by": world.actor("collector"), "at": at}
    assert name_obtainer(notice=notice, **said).clearances_by == "department"
    Lot.objects.create(
        notice=notice, block=world.block, code="MUN-2026-09", serial=9, reserve_rupees=1, emd_rupees=1, opens_at=at,
        closes_at=at, ends_at=at, result="no_bids",
    )  # fmt: skip
    with pytest.raises(Refusal) as refused, transaction.atomic():
        name_obtainer(notice=notice, **said)
    assert refused.value.findings[0].code == "LSE-54"
