"""From the button to the verified receipt: only what the treasury says counts, in any order (A-18, E-083)."""

import itertools
import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from immis.adapters.treasury.port import Standing
from immis.adapters.treasury.signing import HEADER, signature
from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.models import ActionLog, Decision, OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.ledger import jobs, selectors, services
from immis.ledger.chart import UNAPPLIED
from immis.ledger.models import Demand, Receipt, TreasuryNotice
from tests.settlement import BANK, KEY, OWN, india

pytestmark = pytest.mark.django_db
AT = india("2026-06-08")


@pytest.fixture
def demand(world) -> Demand:
    world.opened()
    return Demand.objects.get(kind="security")


def codes(refused) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def events(kind: str) -> int:
    return OutboxEvent.objects.filter(kind=kind).count()


def told(receipt: Receipt, status: str, **more) -> Standing:
    fields = {"grn": receipt.grn, "reference": receipt.number, "amount_paise": receipt.amount_paise}
    return Standing(**{**fields, "status": status, "payer_account": OWN, "bank_ref": "UTR1", **more})


def begin(world, demand, at=AT):
    return services.begin_payment(demand=demand, by=world.settlee, at=at, return_url="http://testserver/pay/x/")


def test_a_payment_becomes_a_verified_receipt(world, demand):
    receipt = world.pay_and_verify(demand, at=AT)
    demand.refresh_from_db()
    assert receipt.state == "verified" and demand.settled_at == AT
    assert demand.settled_by == world.district.user_id
    fact = OutboxEvent.objects.filter(kind="receipt.verified").latest("id").facts
    assert fact["district"] == "Munger" and fact["party_id"] == world.party.pk and fact["officer"] == "mdo जी"


def test_nothing_is_paid_twice(world, demand):
    first, again = begin(world, demand), begin(world, demand)
    assert first.receipt.pk == again.receipt.pk and first.pay_url == again.pay_url
    world.pay(demand, at=AT)
    services.note_payment(standing=told(first.receipt, "paid"), source="webhook", at=AT)
    with pytest.raises(Refusal) as refused:
        begin(world, demand)
    assert codes(refused) == ["PAY-04"]
    services.verify_receipt(receipt=first.receipt, by=world.district, at=AT)
    with pytest.raises(Refusal):
        begin(world, demand)


def test_after_a_failed_payment_the_next_one_opens(world, demand):
    first = world.pay(demand, at=AT, act="fail")
    services.note_payment(standing=told(first, "failed"), source="webhook", at=AT)
    second = begin(world, demand).receipt
    assert second.pk != first.pk and second.grn != first.grn


def test_only_the_party_itself_pays(world, demand):
    for name in ("other", "mdo", "hq"):
        with pytest.raises(NotPermitted):
            services.begin_payment(demand=demand, by=world.actor(name), at=AT, return_url="x")


def test_a_silent_treasury_is_said_in_words_and_the_attempt_is_taken_up_again(world, demand, settings):
    url, settings.TREASURY_URL = settings.TREASURY_URL, "http://127.0.0.1:9"
    with pytest.raises(Refusal) as refused:
        begin(world, demand)
    assert codes(refused) == ["PAY-05"]
    settings.TREASURY_URL = url
    assert begin(world, demand).receipt.pk == demand.receipts.get().pk


ORDERS = st.lists(st.sampled_from(["created", "pending", "failed", "paid"]), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=ORDERS)
def test_any_order_of_notices_gives_the_same_ledger(world, order):
    """Notices may be lost, repeated and out of order: the state is that of the furthest one."""
    lot = f"LOT-{Receipt.objects.count()}"
    demand = services.raise_demand(
        demand=services.NewDemand(
            party=world.party,
            subject=("lot", lot),
            kind="emd",
            label={"en": "Earnest money", "hi": "अग्रधन राशि"},
            amount_paise=1000,
            district="Munger",
        ),
        by=SYSTEM,
        at=AT,
    )
    receipt = begin(world, demand).receipt
    paid_before = events("receipt.paid")
    for status in order:
        services.note_payment(standing=told(receipt, status), source="webhook", at=AT)
    receipt.refresh_from_db()
    expected = "paid_unverified" if "paid" in order else "failed" if "failed" in order else "created"
    assert receipt.state == expected
    assert events("receipt.paid") - paid_before == ("paid" in order)


def test_every_interleaving_of_verification_and_notices_posts_once(world, demand):
    receipt = world.pay(demand, at=AT)
    services.verify_receipt(receipt=receipt, by=world.district, at=AT)
    for status in ("failed", "paid", "created", "paid"):
        services.note_payment(standing=told(receipt, status), source="poll", at=AT)
    with pytest.raises(Refusal) as refused:
        services.verify_receipt(receipt=receipt, by=world.district, at=AT)
    receipt.refresh_from_db()
    assert codes(refused) == ["PAY-06"]
    assert receipt.state == "verified" and receipt.entries.count() == 1
    assert "contradicts" in TreasuryNotice.objects.filter(grn=receipt.grn).values_list("outcome", flat=True)
    assert selectors.problems() == []


def test_a_repeated_notice_is_kept_once(world, demand):
    receipt = world.pay(demand, at=AT)
    for _ in range(5):
        services.note_payment(standing=told(receipt, "paid"), source="webhook", at=AT)
    outcomes = list(TreasuryNotice.objects.filter(grn=receipt.grn).values_list("outcome", flat=True))
    assert sorted(outcomes) == ["applied", "no_change"]


def test_a_notice_that_outruns_the_grn_is_known_by_our_number(world, demand):
    receipt = begin(world, demand).receipt
    Receipt.objects.filter(pk=receipt.pk).update(grn=None)
    services.note_payment(standing=told(receipt, "paid"), source="webhook", at=AT)
    receipt.refresh_from_db()
    assert receipt.state == "paid_unverified"


def test_the_browsers_return_pays_nothing(world, demand, client):
    begin(world, demand)
    client.force_login(world.users["settlee"])
    assert client.get(f"/pay/{demand.number}/?status=paid").status_code == 200
    assert demand.receipts.get().state == "created"


def test_what_the_treasury_does_not_confirm_is_not_verified(world, demand):
    receipt = begin(world, demand).receipt
    services.note_payment(standing=told(receipt, "paid"), source="webhook", at=AT)  # a notice ahead of the facts
    with pytest.raises(Refusal) as refused:
        services.verify_receipt(receipt=receipt, by=world.district, at=AT)
    assert codes(refused) == ["PAY-03"]
    demand.refresh_from_db()
    assert demand.settled_at is None and events("receipt.verified") == 1  # the EMD's only


def test_a_lost_notice_does_not_stop_the_officer(world, demand):
    receipt = world.pay(demand, at=AT)
    assert receipt.state == "created"
    assert services.verify_receipt(receipt=receipt, by=world.district, at=AT).state == "verified"


def test_a_foreign_account_is_flagged_and_needs_a_reason(world, demand):
    """E-083."""
    receipt = world.pay(demand, at=AT, account="999000111")
    jobs.poll_treasury(at=india("2026-06-08", "10:01:00"))
    receipt.refresh_from_db()
    assert receipt.flags == ["wrong_account"]
    with pytest.raises(Refusal) as refused:
        services.verify_receipt(receipt=receipt, by=world.district, at=AT)
    assert codes(refused) == ["PAY-01"]
    done = services.verify_receipt(receipt=receipt, by=world.district, at=AT, reason="निदेशक का खाता")
    assert done.state == "verified" and done.reason == "निदेशक का खाता"
    assert Decision.objects.get(rule_code="PAY-01").outcome == "allowed"


def test_another_amount_needs_a_reason_and_a_part_settles_nothing(world, demand):
    receipt = world.pay(demand, at=AT)
    world.treasury.books.get(receipt.grn).amount_paise -= 100
    with pytest.raises(Refusal) as refused:
        services.verify_receipt(receipt=receipt, by=world.district, at=AT)
    assert codes(refused) == ["PAY-02"]
    services.verify_receipt(receipt=receipt, by=world.district, at=AT, reason="शेष राशि बाद में")
    demand.refresh_from_db()
    assert demand.settled_at is None and demand.amount_paise - demand.applied_paise == 100
    assert selectors.problems() == []


def test_a_refused_payment_is_kept_apart_and_the_demand_stays(world, demand):
    receipt = world.pay(demand, at=AT, account="999")
    services.note_payment(standing=told(receipt, "paid", payer_account="999"), source="poll", at=AT)
    services.refuse_receipt(receipt=receipt, reason="दूसरे का खाता", by=world.district, at=AT)
    demand.refresh_from_db()
    assert demand.settled_at is None and selectors.demand_state(demand) == "open"
    held = selectors.held_paise(UNAPPLIED, party_id=world.party.pk, subject=("lease", "MUN-2026-01"))
    assert held == demand.amount_paise and selectors.problems() == []
    assert begin(world, demand).receipt.pk != receipt.pk


def test_a_second_payment_is_kept_apart(world, demand):
    first = world.pay(demand, at=AT, act="fail")
    services.note_payment(standing=told(first, "failed"), source="webhook", at=AT)
    world.pay_and_verify(demand, at=AT)
    BANK.post(first.pay_url, data={"act": "pay", "account": OWN})  # the first one goes through after all
    services.verify_receipt(receipt=first, by=world.district, at=AT)
    held = selectors.held_paise(UNAPPLIED, party_id=world.party.pk, subject=("lease", "MUN-2026-01"))
    assert held == demand.amount_paise and selectors.problems() == []


def test_another_districts_officer_verifies_nothing(world, demand):
    receipt = world.pay(demand, at=AT)
    for name in ("patna", "hq", "monitor", "checkpost", "settlee"):
        with pytest.raises(NotPermitted):
            services.verify_receipt(receipt=receipt, by=world.actor(name), at=AT)


def test_who_sees_which_receipts(world, demand):
    receipt = world.pay(demand, at=AT)
    services.note_payment(standing=told(receipt, "paid"), source="poll", at=AT)
    seen = {name: selectors.receipts_to_verify(world.actor(name)).count() for name in world.users}
    assert seen == {
        "mdo": 1,
        "collector": 1,
        "hq": 1,
        "monitor": 1,
        "settlee": 1,
        "patna": 0,
        "checkpost": 0,
        "other": 0,
    }
    with pytest.raises(NotFound):
        selectors.receipt_of(receipt.number, world.actor("patna"))


def test_the_poll_finds_what_no_notice_told_and_asks_ever_less_often(world, demand):
    lost = world.pay(demand, at=AT)
    assert jobs.poll_treasury(at=AT) == 0
    assert jobs.poll_treasury(at=india("2026-06-08", "10:01:00")) == 1
    lost.refresh_from_db()
    assert lost.state == "paid_unverified" and lost.next_poll_at is None
    assert jobs.poll_treasury(at=india("2026-06-09")) == 0


def test_an_unpaid_receipt_is_asked_about_less_and_less(world, demand):
    receipt = begin(world, demand).receipt
    waits = []
    for _ in range(4):
        receipt.refresh_from_db()
        when = receipt.next_poll_at
        jobs.poll_treasury(at=when)
        receipt.refresh_from_db()
        waits.append((receipt.next_poll_at - when).total_seconds())
    assert waits == sorted(waits) and waits[0] < waits[-1]


def test_a_silent_treasury_does_not_break_the_poll(world, demand, settings):
    begin(world, demand)
    settings.TREASURY_URL = "http://127.0.0.1:9"
    assert jobs.poll_treasury(at=india("2026-06-08", "11:00:00")) == 0


def post(client: Client, body: dict | bytes, sent: str | None = None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    header = signature(raw, key=KEY) if sent is None else sent
    return client.post("/treasury/notify", raw, content_type="application/json", headers={HEADER: header})


def notice(receipt: Receipt, **more) -> dict:
    fields = {"grn": receipt.grn, "reference": receipt.number, "amount_paise": receipt.amount_paise}
    return {**fields, "status": "paid", "payer_account": OWN, **more}


def test_the_webhook_takes_signed_notices_in_any_number(world, demand):
    receipt = begin(world, demand).receipt
    client = Client(enforce_csrf_checks=True)
    answers = [post(client, notice(receipt)).status_code for _ in range(3)]
    receipt.refresh_from_db()
    assert answers == [200, 200, 200] and receipt.state == "paid_unverified"
    assert events("receipt.paid") == 2  # the EMD's and this one


@pytest.mark.parametrize("sent", ["", "sha256=0", signature(b"other", key=KEY)])
def test_a_forged_notice_is_refused_and_logged(world, demand, sent):
    receipt = begin(world, demand).receipt
    client = Client()
    for _ in range(3):
        assert post(client, notice(receipt), sent=sent).status_code == 403
    receipt.refresh_from_db()
    assert receipt.state == "created"
    assert ActionLog.objects.filter(code="treasury.notice_forged").count() in (1, 2)  # once a minute


@pytest.mark.flow
def test_forged_notices_of_one_subscriber_are_one_task(world, at):
    for minute, end in enumerate(("1", "2", "aaaa:1")):
        at.set(india("2026-06-08", f"11:{minute:02}:00"))
        answer = Client().post(
            "/treasury/notify", b"{}", content_type="application/json", headers={"X-Real-IP": f"2001:db8:0:7::{end}"}
        )
        assert answer.status_code == 403
    run_triggers(at=india("2026-06-08", "12:00:00"))
    task = Task.objects.get(code="TRG-116")
    assert task.subject_id == "2001:db8:0:7::/64"


def test_odd_notices_get_an_answer_in_words(world):
    client = Client()
    for body in (b"", b"[]", b"{", b'{"grn": 5}', b'{"grn":"B","status":"x","amount_paise":1}'):
        assert post(client, body).status_code == 400
    assert post(client, b"x" * 40_000).status_code == 403
    assert client.get("/treasury/notify").status_code == 405


@pytest.mark.flow
def test_a_notice_on_an_unknown_grn_is_kept(world):
    answer = post(Client(), {"grn": "BR999", "status": "paid", "amount_paise": 5})
    assert answer.status_code == 200
    assert TreasuryNotice.objects.get(grn="BR999").outcome == "unknown_grn"


def test_the_statement_runs_and_ends_at_nothing_owed(world):
    lease = world.deeded()
    entries = selectors.statement_of(("lease", lease.number), at=india("2026-10-16"))
    balances = [entry.balance_paise for entry in entries]
    second = world.instalment(lease, 1, 2)
    assert second.number in {entry.demand for entry in entries}
    assert balances[-1] == second.amount_paise + 17_901_000  # the second instalment and the DMF are owed
    assert all(
        b - a == e.debit_paise - e.credit_paise
        for (a, b), e in zip(itertools.pairwise(balances), entries[1:], strict=True)
    )


def test_cancelling(world, demand):
    services.cancel_demand(demand=demand, reason="गलत", by=world.district, at=AT)
    with pytest.raises(Refusal):
        begin(world, demand)
    with pytest.raises(Refusal):
        services.cancel_demand(demand=demand, reason="again", by=world.district, at=AT)
