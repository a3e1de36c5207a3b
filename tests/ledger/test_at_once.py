"""Two at once: officers verify one receipt, a party begins one payment twice, numbers stay gapless."""

import threading

import pytest
from django.db import connection

from immis.core.errors import Refusal
from immis.ledger import selectors, services
from immis.ledger.models import Demand, JournalEntry, Receipt
from tests.settlement import india, make_world

pytestmark = pytest.mark.usefixtures("own_database")
AT = india("2026-06-08")


def at_once(*acts) -> list:
    """Run acts in threads that start together; answers what each gave or raised."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index, act):
        gate.wait()
        try:
            results[index] = act()
        except Refusal as refusal:
            results[index] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_receipt_is_verified_once(treasury):
    world = make_world(treasury)
    world.opened()
    receipt = world.pay(Demand.objects.get(kind="security"), at=AT)
    officer = world.district
    acts = [lambda: services.verify_receipt(receipt=receipt, by=officer, at=AT)] * 4
    results = at_once(*acts)
    refused = [result for result in results if isinstance(result, Refusal)]
    assert len(refused) == 3 and all(r.findings[0].code == "PAY-06" for r in refused)
    assert JournalEntry.objects.filter(receipt=receipt).count() == 1 and selectors.problems() == []
    numbers = sorted(JournalEntry.objects.values_list("pk", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_one_payment_is_begun_once(treasury):
    world = make_world(treasury)
    world.opened()
    demand = Demand.objects.get(kind="security")
    payer = world.settlee
    acts = [lambda: services.begin_payment(demand=demand, by=payer, at=AT, return_url="http://x.test/")] * 4
    results = at_once(*acts)
    assert len({start.receipt.pk for start in results}) == 1 and len({start.pay_url for start in results}) == 1
    assert Receipt.objects.filter(demand=demand).count() == 1
