"""Gates ask the ledger's balance and the day of the money, not a flag: LoI, deed, certificate case, cancellation."""

from datetime import date, timedelta
from unittest.mock import patch

import httpx
import pytest

from immis.adapters.treasury.payouts import HttpPayouts
from immis.core.errors import Refusal
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.leases import life, selectors, services
from immis.leases.facts import unpaid_of
from immis.leases.models import LeaseNotice
from immis.ledger.models import Demand, Receipt, RefundOrder
from immis.ledger.refund_jobs import carry_out_refunds
from immis.ledger.selectors import problems
from immis.ledger.services import (
    NewDemand,
    NewInstrument,
    import_scroll,
    lodge_instrument,
    move_instrument,
    raise_demand,
)
from immis.registry.models import Party
from tests.ledger.cases import close_case, the_case
from tests.settlement import OWN, STATEMENT, india

pytestmark = pytest.mark.django_db


def codes(refused) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def take_back(world, receipt: Receipt, *, at) -> None:
    """The treasury's scroll lists the payment as reversed."""
    rupees = f"{receipt.paid_paise / 100:.2f}"
    raw = f"SCROLL,B/{receipt.pk},{at:%Y-%m-%d},\nR,{receipt.grn},U9,{rupees},{at:%Y-%m-%d},{OWN}\nTOTAL,1,-{rupees}\n"
    taken = import_scroll(raw=raw.encode(), file_name="s.csv", by=world.actor("hq"), at=at)
    assert [row.outcome for row in taken.lines.all()] == ["reversed"], taken.reason


def ready_for_loi(world):
    lease, by = world.opened(), world.district
    services.record_documents(lease=lease, on=date(2026, 6, 6), by=by, at=india("2026-06-08"))
    services.record_assets(lease=lease, on=date(2026, 6, 9), by=by, at=india("2026-06-09"), **STATEMENT)
    world.pay_and_verify(selectors.security_demand(lease), at=india("2026-06-08"))
    return lease


def test_the_loi_is_not_dated_before_the_security_and_the_papers(world):
    lease = ready_for_loi(world)
    for on in (date(2026, 6, 6), date(2026, 6, 7), date(2026, 6, 8)):
        with pytest.raises(Refusal) as refused:
            world.issue("loi", lease=lease, at=india("2026-06-10"), on=on)
        assert codes(refused) == ["LSE-10"]
    assert world.issue("loi", lease=lease, at=india("2026-06-10"), on=date(2026, 6, 9)).loi_on


@pytest.mark.flow
def test_earnest_money_or_security_that_the_bank_took_back_opens_no_loi(world):
    lease = ready_for_loi(world)
    take_back(world, Receipt.objects.get(demand__kind="emd"), at=india("2026-06-09"))
    with pytest.raises(Refusal) as refused:
        world.issue("loi", lease=lease, at=india("2026-06-10"))
    assert codes(refused) == ["LSE-01"]
    assert refused.value.findings[0].facts["open_paise"] == lease.emd_adjusted_paise
    world.pay_and_verify(Demand.objects.get(kind="emd"), at=india("2026-06-11"))
    assert world.issue("loi", lease=lease, at=india("2026-06-12")).loi_on


def test_the_deed_is_not_dated_before_the_first_instalment_was_verified(world):
    lease = world.cleared()
    world.pay_and_verify(selectors.first_instalment(lease), at=india("2026-07-14"))
    with pytest.raises(Refusal) as refused:
        world.issue("deed", lease=lease, on=date(2026, 7, 13), at=india("2026-07-15"))
    assert codes(refused) == ["LSE-10"] and lease.deed_on is None
    assert refused.value.findings[0].facts["because"]["en"].endswith("was on 14.07.2026")
    world.issue("deed", lease=lease, on=date(2026, 7, 14), at=india("2026-07-15"))


@pytest.mark.flow
def test_no_deed_while_the_security_is_taken_back(world):
    lease = world.cleared()
    world.pay_and_verify(selectors.first_instalment(lease), at=india("2026-07-14"))
    demand = selectors.security_demand(lease)
    take_back(world, demand.receipts.get(), at=india("2026-07-14"))
    with pytest.raises(Refusal) as refused:
        world.issue("deed", lease=lease, on=date(2026, 7, 15), at=india("2026-07-15"))
    assert codes(refused) == ["LSE-55"]
    assert refused.value.findings[0].facts == {"open_paise": demand.amount_paise}
    world.pay_and_verify(demand, at=india("2026-07-15"))
    world.issue("deed", lease=lease, on=date(2026, 7, 15), at=india("2026-07-15", "18:00:00"))


def test_cancellation_goes_on_while_gst_of_the_notice_is_open_and_its_demands_are_paid(world):
    """Clause 42(xviii): dues outside the ledger count beside the demands that the notice lists."""
    lease, collector = world.mining(), world.actor("collector")
    notice = services.issue_notice(
        lease=lease, kind="non_payment", grounds="GST", by=collector, at=india("2026-10-20"), other_paise=500_000
    )
    assert notice.demands and LeaseNotice.objects.get().other_paise == 500_000
    for number in notice.demands:
        world.pay_and_verify(Demand.objects.get(number=number), at=india("2026-10-25"))
    with pytest.raises(Refusal) as refused:
        services.open_certificate_case(
            lease=lease, number="C/1", by=collector, at=india("2026-11-30"), on=date(2026, 10, 21)
        )
    assert codes(refused) == ["LSE-23"]
    assert unpaid_of(notice) == 500_000
    ended = services.cancel_settlement(lease=lease, reason="GST", by=collector, at=india("2026-11-30"))
    assert ended.ended_kind == "cancelled"


def test_a_cheque_is_not_honoured_before_it_was_presented(world):
    lease, by = world.mining(), world.district
    demand = world.instalment(lease, 1, 2)
    row, _findings = lodge_instrument(
        demand=demand,
        instrument=NewInstrument(
            kind="cheque", number="123456", bank="SBI", dated_on=date(2026, 10, 1), amount_paise=demand.amount_paise
        ),
        by=by,
        at=india("2026-07-16"),
    )
    move_instrument(instrument=row, to="presented", on=date(2026, 10, 10), by=by, at=india("2026-10-12"))
    with pytest.raises(Refusal) as refused:
        move_instrument(
            instrument=row, to="honoured", on=date(2026, 10, 5), reference="B/1", by=by, at=india("2026-10-12")
        )
    assert codes(refused) == ["CHQ-04"]


def test_a_closed_certificate_case_recovers_nothing_for_a_surrender(world):
    """Clause 31 i: only a case that runs for the open dues stands for their payment."""
    lease, collector = world.mining(), world.actor("collector")
    services.issue_notice(lease=lease, kind="non_payment", grounds="x", by=collector, at=india("2026-10-20"))
    services.open_certificate_case(lease=lease, number="CC/1", by=collector, at=india("2026-12-20"))
    services.ask_surrender(lease=lease, reason="x", by=world.settlee, at=india("2026-12-21"))
    close_case(the_case(), order="O/1", by=collector, at=india("2026-12-22"))
    with pytest.raises(Refusal) as refused:
        services.accept_surrender(lease=lease, reference="S/1", by=collector, at=india("2026-12-23"))
    assert codes(refused) == ["LSE-22"]


def all_paid(world, lease) -> None:
    for demand in life.open_demands_of(lease):
        world.pay_and_verify(demand, at=india("2027-01-01"))


def test_the_security_stays_while_a_penalty_or_the_earnest_money_is_open(world):
    lease, collector = world.mining(), world.actor("collector")
    all_paid(world, lease)
    take_back(world, Receipt.objects.get(demand__kind="emd"), at=india("2031-07-01"))
    penalty = raise_demand(
        demand=NewDemand(
            party=world.party,
            subject=("case", "K/1"),
            kind="penalty",
            label={"en": "Penalty", "hi": "शास्ति"},
            amount_paise=100,
            district="Munger",
        ),
        by=collector,
        at=india("2031-07-01"),
    )
    for owed in (penalty, Demand.objects.get(kind="emd")):
        with pytest.raises(Refusal) as refused:
            services.refund_security(lease=lease, reference="DM/5", by=collector, at=india("2031-07-15"))
        assert codes(refused) == ["LSE-26"]
        world.pay_and_verify(owed, at=india("2031-07-10"))
    assert services.refund_security(lease=lease, reference="DM/5", by=collector, at=india("2031-07-15"))


@pytest.mark.flow
def test_a_return_without_an_account_waits_visibly_until_one_is_given(world):
    """E-082: the order stands, and the district has a task that says what is missing."""
    lease, collector = world.mining(), world.actor("collector")
    all_paid(world, lease)
    Party.objects.filter(pk=world.party.pk).update(bank_account="")
    day = india("2031-07-15")
    services.refund_security(lease=lease, reference="DM/5", by=collector, at=day)
    order = RefundOrder.objects.get()
    assert (order.state, order.account, order.next_try_at) == ("failed", "", None)
    for minutes in (0, 1, 30):
        carry_out_refunds(at=day + timedelta(minutes=minutes))
    run_triggers(at=day + timedelta(minutes=31))
    task = Task.objects.get(code="TRG-73", state="open")
    assert task.facts["failure"]["hi"] == "कोई खाता दर्ज नहीं है"
    assert problems() == []


def test_a_return_that_the_treasury_refuses_becomes_a_task(world):
    lease, collector = world.mining(), world.actor("collector")
    all_paid(world, lease)
    at = india("2031-07-15")
    services.refund_security(lease=lease, reference="DM/5", by=collector, at=at)
    answers = httpx.MockTransport(lambda request: httpx.Response(422, json={"error": "account"}))
    with patch(
        "immis.ledger.services.refunds.payouts", lambda: HttpPayouts("http://bank.test", "k", transport=answers)
    ):
        carry_out_refunds(at=at)
    order = RefundOrder.objects.get()
    assert order.state == "failed" and "422" in order.failure and problems() == []
