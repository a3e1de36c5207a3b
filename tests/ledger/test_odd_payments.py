"""Parts, excesses, second payments, reversals and credit on account: every paisa has its place, in any order (A-11)."""

import random
from datetime import date
from unittest.mock import patch

import pytest
from django.db import connection

from immis.adapters.treasury.port import Standing
from immis.core.access.permissions import SYSTEM
from immis.core.errors import Refusal
from immis.core.models import OutboxEvent
from immis.leases import jobs
from immis.leases import selectors as leases
from immis.ledger import selectors, services
from immis.ledger.models import Demand, JournalLine, Receipt
from immis.ledger.services import claims
from immis.ledger.services.refunds import carry_out_refund
from immis.ledger.treasury import treasury as the_treasury
from tests.settlement import BANK, OWN, india

pytestmark = pytest.mark.django_db
AT = india("2026-06-08")
LEASE = ("lease", "MUN-2026-01")


@pytest.fixture
def demand(world) -> Demand:
    world.opened()
    return Demand.objects.get(kind="security")


def pay(world, demand, amount_paise: int, *, verify: bool = True, at=AT) -> Receipt:
    """The party pays another amount than asked for; the officer verifies with a reason."""
    start = services.begin_payment(demand=demand, by=world.settlee, at=at, return_url="http://testserver/pay/x/")
    BANK.post(start.pay_url, data={"act": "pay", "account": OWN, "amount": f"{amount_paise / 100:.2f}"})
    if verify:
        services.verify_receipt(receipt=start.receipt, by=world.district, at=at, reason="राशि का अंतर देखा")
    demand.refresh_from_db()
    return Receipt.objects.get(pk=start.receipt.pk)


def take_back(world, receipt: Receipt, *, at=AT) -> None:
    standing = Standing(receipt.grn, receipt.number, "reversed", receipt.paid_paise, OWN, "UTR")
    services.note_payment(standing=standing, source="webhook", at=at)


def test_a_part_leaves_the_balance_and_the_next_payment_is_for_it(world, demand):
    pay(world, demand, 20_000_000)
    assert (demand.settled_at, demand.applied_paise) == (None, 20_000_000)
    assert selectors.demand_state(demand) == "open"
    rest = world.pay(demand, at=AT)
    assert rest.amount_paise == demand.amount_paise - 20_000_000
    services.verify_receipt(receipt=rest, by=world.district, at=AT)
    demand.refresh_from_db()
    assert demand.settled_at == AT and selectors.problems() == []


def test_an_excess_is_credit_for_the_next_demand_on_the_settlement(world):
    lease = world.cleared()
    first = leases.first_instalment(lease)
    pay(world, first, first.amount_paise + 50_000_000, at=india("2026-07-14"))
    assert first.settled_at and selectors.credit_on(LEASE) == 50_000_000
    lease = world.issue("deed", lease=lease, on=date(2026, 7, 15), at=india("2026-07-15"))
    second = world.instalment(lease, 1, 2)
    assert services.apply_credit(demand=second, by=world.district, at=india("2026-07-16")) == 50_000_000
    second.refresh_from_db()
    assert second.applied_paise == 50_000_000 and selectors.credit_on(LEASE) == 0
    assert selectors.problems() == []
    with pytest.raises(Refusal) as refused:
        services.apply_credit(demand=second, by=world.district, at=india("2026-07-16"))
    assert [finding.code for finding in refused.value.findings] == ["PAY-08"]


def test_a_reversal_books_back_and_the_hold_returns_from_that_instant(world):
    lease = world.mining()
    second = world.instalment(lease, 1, 2)
    receipt = world.pay_and_verify(second, at=india("2026-10-10"))
    now = india("2026-11-02", "11:30:00")
    jobs.announce_dues_and_holds(at=india("2026-11-01"))
    assert leases.standing_holds(lease, now) == []
    take_back(world, receipt, at=now)
    second.refresh_from_db()
    hold = leases.standing_holds(lease, now)[0]
    assert (hold.rule_code, hold.since, second.settled_at) == ("HLD-01", now, None)
    assert leases.standing_holds(lease, india("2026-11-02", "11:29:59")) == []
    jobs.announce_dues_and_holds(at=india("2026-11-02", "11:31:00"))
    assert OutboxEvent.objects.filter(kind="hold.started", key__contains=second.number).count() == 1
    assert OutboxEvent.objects.get(kind="receipt.reversed").facts["receipt"] == receipt.number
    assert selectors.problems() == []
    world.pay_and_verify(second, at=india("2026-11-03"))
    jobs.announce_dues_and_holds(at=india("2026-11-03", "10:00:01"))
    assert leases.standing_holds(lease, india("2026-11-03", "10:00:01")) == []
    assert OutboxEvent.objects.filter(kind="hold.ended", key__contains=second.number).count() == 1
    balances = [entry.balance_paise for entry in selectors.statement_of(LEASE, at=india("2026-11-03"))]
    assert balances[-1] == 17_901_000 and selectors.problems() == []  # the DMF is owed


def test_a_reversal_before_the_verification_leaves_nothing_to_verify(world, demand):
    receipt = world.pay(demand, at=AT)
    services.note_payment(standing=services.ask_treasury(receipt), source="poll", at=AT)
    world.treasury.books.reverse(receipt.grn)
    with pytest.raises(Refusal) as refused:
        services.verify_receipt(receipt=receipt, by=world.district, at=AT)
    receipt.refresh_from_db()
    assert {finding.code for finding in refused.value.findings} >= {"PAY-06"}
    assert receipt.state == "reversed" and receipt.entries.count() == 0 and selectors.problems() == []


def test_refused_money_that_is_taken_back_leaves_nothing_on_account(world, demand):
    receipt = pay(world, demand, demand.amount_paise, verify=False)
    services.note_payment(standing=services.ask_treasury(receipt), source="poll", at=AT)
    receipt.refresh_from_db()
    services.refuse_receipt(receipt=receipt, reason="दूसरे का खाता", by=world.district, at=AT)
    receipt.refresh_from_db()
    take_back(world, receipt)
    assert selectors.problems() == []
    held = JournalLine.objects.filter(account_id="2900", subject_id=LEASE[1])
    assert sum(line.credit_paise - line.debit_paise for line in held) == 0


#: The second kind of database is asked for less: that it does the same is told by the other tests here.
_DEMANDS, _NOTICES = (20, 1000) if connection.vendor == "sqlite" else (6, 300)


def test_any_order_and_number_of_a_thousand_notices_gives_the_same_ledger(world):
    """Parts, excesses, failures and reversals, repeated and shuffled, verified at any moment in between."""
    assert _ledger_after(world, 1) == _ledger_after(world, 2)


def _ledger_after(world, seed: int) -> tuple:
    """Three payments on each demand told by all the notices in an order of chance; what stands at the end."""
    plan, order = random.Random(7), random.Random(seed)
    lot = f"LOT-{seed}"
    receipts, notices = [], []
    for n in range(_DEMANDS):
        demand = _demand(world, f"{lot}-{n}", 100_000)
        for k in range(3):
            receipt = Receipt.objects.create(
                number=f"T{seed}-{n}-{k}",
                grn=f"G{seed}-{n}-{k}",
                demand=demand,
                amount_paise=100_000,
                state="failed",
                created_at=AT,
            )
            ends = plan.choice(["paid", "paid", "reversed", "failed"])
            amount = plan.choice([40_000, 100_000, 130_000])
            words = {"paid": ["created", "paid"], "failed": ["created", "failed"]}.get(ends, ["paid", "reversed"])
            receipts.append((receipt, ends, amount))
            notices += [(receipt, word, amount) for word in words for _ in range(plan.randint(6, 11))]
    while len(notices) < _NOTICES:
        notices.append(plan.choice(notices))
    order.shuffle(notices)
    for receipt, word, amount in notices[:_NOTICES]:
        standing = Standing(receipt.grn, receipt.number, word, amount, OWN, "UTR")
        services.note_payment(standing=standing, source="webhook", at=AT)
        if order.random() < 0.05:
            _verify_some(world, receipts, order)
    _verify_some(world, receipts, order, everything=True)
    assert selectors.problems() == []
    return _standing_of(seed)


def _verify_some(world, receipts, order, *, everything=False) -> None:
    """The district verifies what waits, by the same act as the page but without asking a treasury over HTTP."""
    shuffled = order.sample(receipts, len(receipts))
    for receipt, _ends, amount in shuffled if everything else shuffled[:10]:
        row = Receipt.objects.get(pk=receipt.pk)
        if row.state != "paid_unverified":
            continue
        says = Standing(row.grn, row.number, "paid", amount, OWN, "UTR")
        with patch("immis.ledger.services.verification.ask_treasury", return_value=says):
            services.verify_receipt(receipt=row, by=world.district, at=AT, reason="अंतर देखा")


def _demand(world, lot: str, paise: int) -> Demand:
    label = {"en": "Earnest money", "hi": "अग्रधन राशि"}
    subject = ("lot", lot)
    more = {"label": label, "amount_paise": paise, "district": "Munger"}
    owed = services.NewDemand(party=world.party, subject=subject, kind="emd", **more)
    return services.raise_demand(demand=owed, by=SYSTEM, at=AT)


def _standing_of(seed: int) -> tuple:
    """Receipts, demands and balances of each head and demand, names aside."""
    states = sorted(
        (r.number.partition("-")[2], r.state) for r in Receipt.objects.filter(number__startswith=f"T{seed}-")
    )
    demands = Demand.objects.filter(subject_id__startswith=f"LOT-{seed}-").order_by("id")
    paid = [(d.applied_paise, d.settled_at is not None) for d in demands]
    heads: dict[tuple[str, str], int] = {}
    for line in JournalLine.objects.filter(subject_id__startswith=f"LOT-{seed}-"):
        key = (line.subject_id.rpartition("-")[2], line.account_id)
        heads[key] = heads.get(key, 0) + line.debit_paise - line.credit_paise
    return states, paid, {key: value for key, value in heads.items() if value}


@pytest.mark.flow
def test_credit_that_was_used_is_taken_from_the_demand_that_used_it(world):
    """The bank takes back 44,75,250 and an excess that the second instalment used: both are open, and stop again."""
    lease = world.cleared()
    first = leases.first_instalment(lease)
    excess = 223_762_500
    receipt = pay(world, first, first.amount_paise + excess, at=india("2026-07-14"))
    lease = world.mining(world.issue("deed", lease=lease, on=date(2026, 7, 15), at=india("2026-07-15")))
    second = world.instalment(lease, 1, 2)
    services.apply_credit(demand=second, by=world.district, at=india("2026-10-01"))
    back_at = india("2026-10-20", "12:00:00")
    assert leases.standing_holds(lease, back_at) == []
    take_back(world, receipt, at=back_at)
    held = [hold.facts["demand"] for hold in leases.standing_holds(lease, back_at)]
    second.refresh_from_db()
    assert sorted(held) == sorted([first.number, second.number]) and second.applied_paise == 0
    assert selectors.credit_on(LEASE) == 0 and not Demand.objects.filter(kind="recovery").exists()
    assert selectors.statement_of(LEASE, at=back_at)[-1].balance_paise == sum(
        demand.balance_paise for demand in selectors.dues_of(subject=LEASE, at=back_at)
    )
    assert selectors.problems() == []


def test_an_excess_that_was_returned_is_demanded_again(world, demand):
    receipt = pay(world, demand, demand.amount_paise + 30_000)
    claim = claims.claim_credit(
        party=world.party, subject=LEASE, amount_paise=30_000, reason="अधिक", by=world.settlee, at=AT
    )
    order = claims.decide_claim(claim=claim, approve=True, reason="", by=world.actor("collector"), at=AT).order
    carry_out_refund(order, at=AT)
    order.refresh_from_db()
    carry_out_refund(order, at=AT)
    take_back(world, receipt)
    owed = {row.kind: row.balance_paise for row in selectors.dues_of(subject=LEASE)}
    assert owed == {"security": demand.amount_paise, "recovery": 30_000}
    assert selectors.statement_of(LEASE, at=AT)[-1].balance_paise == demand.amount_paise + 30_000
    again = Demand.objects.get(kind="recovery")
    assert again.due_on == AT.date() and again.cites[0]["code"] == "PAY-24"
    for row in (again, Demand.objects.get(pk=demand.pk)):
        world.pay_and_verify(row, at=AT)
    assert selectors.statement_of(LEASE, at=AT)[-1].balance_paise == 0
    assert selectors.credit_on(LEASE) == 0 and selectors.problems() == []


@pytest.mark.flow
def test_a_refused_payment_that_was_returned_and_taken_back_is_demanded(world, demand):
    receipt = pay(world, demand, demand.amount_paise, verify=False)
    services.note_payment(standing=the_treasury().status(receipt.grn), source="poll", at=AT)
    services.refuse_receipt(receipt=receipt, reason="दूसरा खाता", by=world.district, at=AT)
    claim = claims.claim_refused(receipt=receipt, reason="वापसी", by=world.district, at=AT)
    claims.decide_claim(claim=claim, approve=True, reason="", by=world.actor("collector"), at=AT)
    take_back(world, receipt)
    owed = {row.kind: row.balance_paise for row in selectors.dues_of(subject=LEASE)}
    assert owed == {"security": demand.amount_paise, "recovery": demand.amount_paise}
    assert selectors.problems() == []


def test_credit_is_not_used_beyond_what_is_left_of_it(world):
    """One demand's excess was taken back in part: the others' excess pays no more than the sum that stands."""
    lease = world.deeded()
    second, third = world.instalment(lease, 1, 2), world.instalment(lease, 1, 3)
    pay(world, second, second.amount_paise + 10_000, at=india("2026-08-01"))
    used = services.apply_credit(demand=third, by=world.district, at=india("2026-08-02"))
    third.refresh_from_db()
    assert used == third.applied_paise == 10_000
    with pytest.raises(Refusal):
        services.apply_credit(demand=third, by=world.district, at=india("2026-08-03"))
