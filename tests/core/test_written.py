"""A question that is built once answers what Django's own query does, and a row kept by it is kept whole."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Upper
from django.db.transaction import TransactionManagementError

from immis.challans.models import Challan
from immis.core.errors import Refusal
from immis.core.models import ActionLog, Counter, OutboxEvent
from immis.core.services import next_number
from immis.core.written import Question, insert, question, rows_of
from immis.leases.models import Lease
from immis.registry.models import Block, Place
from tests.challans.world import INSIDE, NOON, build


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    return build(data_dir)


@question
def _leases(number: str, party: int, on: date, at: datetime):
    rows = Lease.objects.select_related("block", "party").filter(number=number, party_id=party)
    return rows.filter(Q(deed_on__lte=on) & Q(permitted_at__lte=at)).order_by("-number")


@question
def _few(code: str):
    return Block.objects.alias(large=Upper("code")).filter(large=Upper(code)).only("code", "corners")[:1]


@question
def _sums(place: int):
    return Challan.objects.filter(place_id=place).order_by().values("lease_id").annotate(
        total=Sum("quantity_m3")).values_list("total")  # fmt: skip


@question
def _odd(pk: int):
    return Place.objects.filter(Q(code="50% o'clock") | Q(code__contains="9%"), pk=pk)


@question
def _locked(pk: int):
    return Place.objects.select_for_update().filter(pk=pk)


def _asked(world):
    return {
        "number": world.lease.number,
        "party": world.party.pk,
        "on": world.lease.deed_on,
        "at": NOON + timedelta(days=400),
    }


def _columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_records_are_those_of_the_query_set_with_what_stands_beside_them(world, django_assert_num_queries):
    given = _asked(world)
    usual = Lease.objects.select_related("block", "party").get(number=given["number"])
    with django_assert_num_queries(1):
        (row,) = _leases.rows(**given)
        assert (row.block.code, row.party.code) == (usual.block.code, usual.party.code)
    assert _columns(row) == _columns(usual) and _columns(row.block) == _columns(usual.block)
    assert row == usual and not row._state.adding


@pytest.mark.parametrize(
    "other", [{"number": "X"}, {"party": -1}, {"on": date(2001, 1, 1)}, {"at": datetime(2001, 1, 1, tzinfo=UTC)}]
)
def test_each_value_that_is_given_counts(world, other):
    assert _leases.first(**_asked(world)) is not None
    assert _leases.first(**{**_asked(world), **other}) is None


def test_a_few_columns_and_a_function_of_a_value(world):
    row = _few.first(code=world.block.code.lower())
    assert row == world.block and row.corners == world.block.corners
    assert row.get_deferred_fields() and row.name_en == world.block.name_en


def test_sums_are_exact_and_none_where_nothing_is(world):
    assert _sums.tuples(place=world.place.pk) == []
    for n, m3 in enumerate(("0.100", "0.200")):
        Challan.objects.create(
            number=f"MUN-26-{n}", pass_id=f"{n:016x}", lease=world.lease, party=world.party, vehicle=world.vehicle,
            place=world.place, quantity_m3=Decimal(m3), distance_km=1, issued_at=NOON, valid_until=NOON.replace(hour=9),
            issue_lat=INSIDE[0], issue_lon=INSIDE[1], issue_fix_at=NOON, state_at=NOON,
            state=("issued", "completed")[n],
        )  # fmt: skip
    assert [tuple(row) for row in _sums.tuples(place=world.place.pk)] == [(Decimal("0.3"),)]


def test_constant_texts_of_a_question_are_meant_letter_by_letter(db):
    codes = ("50% o'clock", "x9%y", "50 o'clock", "9")
    rows = [Place.objects.create(code=code, name_en="X", name_hi="X", kind="site", lat=25, lon=86) for code in codes]
    assert [_odd.first(pk=row.pk) is not None for row in rows] == [True, True, False, False]


def test_a_question_for_so_many_values_as_it_is_made_for(world):
    def build(**named):
        return Place.objects.filter(Q(code=named["a"]) | Q(code=named["b"])).order_by("code")

    either = Question(build, {"a": str, "b": str})
    assert [row.code for row in either.rows(a="cp-far", b="cp-bariyarpur")] == ["cp-bariyarpur", "cp-far"]


@pytest.mark.django_db(transaction=True)
def test_a_question_that_locks_is_asked_within_a_transaction(own_database):
    place = Place.objects.create(code="x", name_en="X", name_hi="X", kind="destination", lat=25, lon=86)
    with transaction.atomic():
        assert _locked.first(pk=place.pk) == place
    if connection.features.has_select_for_update:
        with pytest.raises(TransactionManagementError, match="_locked locks its rows"):
            _locked.first(pk=place.pk)


def test_a_row_is_kept_whole_and_gets_its_number(db):
    facts = {"day": date(2026, 6, 5), "m3": Decimal("10.50"), "name": "राम\0"}
    row = OutboxEvent(kind="k", subject_kind="s", subject_id="1", facts=facts, at=NOON, key="once")
    assert insert(row, unless="key") and row.pk and not row._state.adding
    usual = OutboxEvent.objects.create(kind="k", subject_kind="s", subject_id="1", facts=facts, at=NOON, key="other")
    kept = [_columns(OutboxEvent.objects.get(pk=pk)) | {"id": 0, "key": ""} for pk in (row.pk, usual.pk)]
    assert kept[0] == kept[1] and kept[0]["facts"]["m3"].read() == Decimal("10.50")


def test_what_is_there_already_is_not_kept_twice(db):
    first, again = (OutboxEvent(kind="k", subject_kind="s", subject_id=n, at=NOON, key="once") for n in "12")
    assert insert(first, unless="key") is True
    assert insert(again, unless="key") is False and again.pk is None
    assert list(OutboxEvent.objects.values_list("subject_id", flat=True)) == ["1"]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(again)


def test_a_statement_written_out_answers_as_by_django_and_postgresql_keeps_its_plan(db):
    sql, given = "SELECT '50%%', %s, value FROM core_counter WHERE series = %s", ["a", "s"]
    Counter.objects.create(series="s", value=4)
    with connection.execute_wrapper(lambda execute, *rest: execute(*rest)):
        usual = rows_of(sql, given)
    assert [tuple(row) for row in rows_of(sql, given)] == [tuple(row) for row in usual] == [("50%", "a", 4)]
    lacking = ProgrammingError if connection.vendor == "postgresql" else OperationalError
    with pytest.raises(lacking), transaction.atomic():
        rows_of("SELECT nothing FROM core_counter")
    rows_of(sql, given)
    if connection.vendor == "postgresql":
        assert rows_of("SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["SELECT '50%"]) == [(1,)]


def test_what_no_record_holds_is_refused_before_it_is_sent(db):
    with pytest.raises(Refusal) as refused:
        insert(OutboxEvent(kind="k" * 61, subject_kind="s", subject_id="1", at=NOON))
    assert refused.value.findings[0].code == "REC-01"


def test_a_row_with_a_key_of_its_own_keeps_it(db):
    log = ActionLog(seq=7, at=NOON, code="c", subject_kind="s", subject_id="1", role="r", prev_hash="0", hash="1")
    assert insert(log) and log.pk == 7 and ActionLog.objects.get().seq == 7


def test_numbers_run_on_without_a_gap_whoever_asks(own_database):
    taken = []

    def take():
        try:
            for _ in range(5):
                with transaction.atomic():
                    taken.append(next_number("x"))
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(taken) == list(range(1, 21)) and Counter.objects.filter(value=F("value")).get().value == 20
