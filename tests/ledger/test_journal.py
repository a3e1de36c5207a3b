"""The database itself keeps the journal balanced, sealed and unchanged; receipts and demands too."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from immis.core.access.permissions import SYSTEM
from immis.ledger import selectors
from immis.ledger.chart import EMD, SECURITY, SETTLEMENT, TREASURY
from immis.ledger.models import Account, Demand, JournalEntry, JournalLine, JournalSeal, Receipt
from immis.ledger.services import Side, move_deposit, post_entry
from tests.settlement import EMD_PAISE, india

AT = india("2026-06-08")


@pytest.mark.django_db
def test_a_worked_example(world):
    """EMD of 17,21,250 comes in, moves to the security, and the balance of 5,16,375 joins it."""
    lease = world.opened()
    world.pay_and_verify(Demand.objects.get(kind="security"), at=AT)
    sums = {row["account_id"]: row["credit"] - row["debit"] for row in selectors.trial_balance()}
    assert sums[TREASURY.code] == -223_762_500
    assert sums[EMD.code] == 0
    assert sums[SECURITY.code] == 223_762_500 == lease.security_paise
    assert selectors.problems() == []


@pytest.mark.django_db
@pytest.mark.parametrize("credit", [99, 101, 0])
def test_the_database_refuses_an_unbalanced_entry(db, credit):
    sides = [Side(TREASURY, debit_paise=100)]
    sides += [Side(SETTLEMENT, credit_paise=credit)] if credit else []
    with pytest.raises(DatabaseError, match="balance"), transaction.atomic():
        post_entry("test", sides=sides, by=SYSTEM, at=AT)
    assert JournalEntry.objects.count() == 0


@pytest.mark.django_db
def test_an_entry_without_lines_is_refused(db):
    with pytest.raises(DatabaseError, match="balance"), transaction.atomic():
        post_entry("test", sides=[], by=SYSTEM, at=AT)


def test_an_entry_without_its_seal_cannot_be_committed(own_database):
    with pytest.raises(IntegrityError), transaction.atomic():
        JournalEntry.objects.create(seal_id=999, kind="test", at=AT)
    assert not JournalEntry.objects.filter(pk=999).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("debit", "credit"), [(0, 0), (5, 5), (-5, 0), (0, -5)])
def test_a_line_has_one_positive_side(db, debit, credit):
    with pytest.raises(DatabaseError), transaction.atomic():
        entry = JournalEntry.objects.create(seal_id=1, kind="test", at=AT)
        account = Account.objects.create(code="1000", name_en="a", name_hi="a", kind="asset")
        JournalLine.objects.create(entry=entry, account=account, debit_paise=debit, credit_paise=credit)


@pytest.fixture
def posted(db):
    sides = [Side(TREASURY, debit_paise=100), Side(SETTLEMENT, credit_paise=100)]
    return post_entry("test", sides=sides, by=SYSTEM, at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize("model", [JournalEntry, JournalLine, JournalSeal])
@pytest.mark.parametrize("act", ["update", "delete"])
def test_what_is_posted_never_changes(posted, model, act):
    table = model._meta.db_table
    column = {"ledger_journalentry": "kind", "ledger_journalline": "debit_paise", "ledger_journalseal": "number"}[table]
    value = "'x'" if column == "kind" else "7"
    sql = f"UPDATE {table} SET {column} = {value}" if act == "update" else f"DELETE FROM {table}"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_a_sealed_entry_takes_no_further_line(posted):
    with pytest.raises(DatabaseError, match="sealed"), transaction.atomic():
        JournalLine.objects.create(entry=posted, account_id=TREASURY.code, debit_paise=5)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["amount_paise = 1", "party_id = party_id + 1", "due_on = '2030-01-01'"])
def test_a_demand_keeps_what_it_demands(world, column):
    world.opened()
    with pytest.raises(DatabaseError, match="demand keeps"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_demand SET {column} WHERE kind = 'security'")


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["created", "paid_unverified", "refused"])
def test_a_verified_receipt_goes_nowhere(world, state):
    receipt = world.emd(at=AT)
    with pytest.raises(DatabaseError, match="forward"), transaction.atomic():
        Receipt.objects.filter(pk=receipt.pk).update(state=state)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_receipt")


@pytest.mark.django_db
def test_no_more_is_moved_than_is_held(world):
    world.emd(at=AT)
    moves = [
        move_deposit(
            party=world.party,
            source=(EMD, ("lot", "MUN-2026-01")),
            target=(SECURITY, ("lease", "MUN-2026-01")),
            amount_paise=amount,
            by=SYSTEM,
            at=AT,
        )
        for amount in (100, EMD_PAISE, 1)
    ]
    assert moves == [100, EMD_PAISE - 100, 0]


@pytest.mark.django_db
def test_the_check_finds_what_was_done_behind_the_ledgers_back(world):
    receipt = world.emd(at=AT)
    Demand.objects.filter(pk=receipt.demand_id).update(settled_at=None, applied_paise=5)
    assert [p["problem"] for p in selectors.problems()] == ["demand_and_journal_differ"]
