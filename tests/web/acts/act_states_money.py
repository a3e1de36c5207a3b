"""How demands, receipts, claims and returns come to a few states each, for the walk over acts."""

from immis.ledger import services
from immis.ledger.chart import SECURITY
from immis.ledger.models import Demand, RefundOrder
from immis.ledger.refund_jobs import carry_out_refunds
from immis.ledger.services import claims
from immis.ledger.services.refunds import NewRefund, order_refund
from immis.ledger.treasury import treasury as the_treasury
from tests.settlement import OWN, india


def owed(world, at):
    """The security of a settlement, for which no payment was begun."""
    world.opened()
    at.set(india("2026-06-06"))
    return Demand.objects.get(kind="security")


def begun(world, at):
    """A payment is open at the treasury."""
    demand = owed(world, at)
    services.begin_payment(demand=demand, by=world.settlee, at=at(), return_url="http://testserver/pay/x/")
    return demand


def settled(world, at):
    demand = owed(world, at)
    world.pay_and_verify(demand, at=at())
    return demand


def with_credit(world, at):
    """More was paid for one instalment than it asks for: the next one may have the rest."""
    lease = world.mining()
    at.set(india("2026-10-20"))
    second, third = world.instalment(lease, 1, 2), world.instalment(lease, 1, 3)
    start = services.begin_payment(demand=second, by=world.settlee, at=at(), return_url="http://testserver/pay/x/")
    world.treasury.books.settle(start.receipt.grn, paid=True, account=OWN, amount_paise=second.amount_paise + 100_000)
    services.verify_receipt(receipt=start.receipt, by=world.district, at=at(), reason="अधिक")
    return third


def paid(world, at, account=OWN):
    """The treasury says that the money came in."""
    receipt = world.pay(owed(world, at), at=at(), account=account)
    services.note_payment(standing=the_treasury().status(receipt.grn), source="poll", at=at())
    receipt.refresh_from_db()
    return receipt


def foreign(world, at):
    """The money came from another account than the party's."""
    return paid(world, at, account="999000111")


def refused(world, at):
    return services.refuse_receipt(receipt=foreign(world, at), reason="दूसरे का खाता", by=world.district, at=at())


def verified(world, at):
    return services.verify_receipt(receipt=paid(world, at), by=world.district, at=at())


def asked(world, at):
    """The district proposes that a refused payment goes back."""
    return claims.claim_refused(receipt=refused(world, at), reason="", by=world.district, at=at())


def decided(world, at):
    claim = asked(world, at)
    return claims.decide_claim(claim=claim, approve=True, reason="", by=world.collector, at=at())


def came_back(world, at):
    """A return that has no account to go to."""
    at.set(india("2026-10-20"))
    lease = world.mining()
    refund = NewRefund(
        party=world.party, source=(SECURITY, ("lease", lease.number)), account="", key="x",
        label={"en": "Security", "hi": "प्रतिभूति"}, district="Munger",
    )  # fmt: skip
    return order_refund(refund=refund, by=world.collector, at=at())


def returned(world, at):
    decided(world, at)
    for day in ("2026-06-07", "2026-06-08"):
        carry_out_refunds(at=india(day))
    at.set(india("2026-06-08"))
    return RefundOrder.objects.get(state="paid")


STATES = {
    "demand": (owed, begun, settled, with_credit),
    "receipt": (paid, foreign, refused, verified),
    "claim": (asked, decided),
    "refund": (came_back, returned),
}
