"""Two at once: one order of locks for log and counters, and what the database breaks off runs again."""

import threading
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, transaction

from immis.challans import services
from immis.challans.models import Challan
from immis.core import selectors, transactions
from immis.core.access.permissions import SYSTEM
from immis.core.clashes import refusal_of
from immis.core.errors import Refusal
from immis.core.models import ActionLog, Counter
from immis.core.services import log_action, next_number
from immis.registry import services as registry
from immis.registry.models import River
from immis.registry.services import rivers
from immis.rules.policy import book
from tests.challans import world as made
from tests.challans.world import NOON
from tests.fit import LORRY

MINUTE = timedelta(minutes=1)
postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="row locks are PostgreSQL's")


def together(*acts):
    """Run acts at once, each on a connection of its own; answers what each raised, or None."""
    faults = [None] * len(acts)

    def run(n, act):
        try:
            act()
        except BaseException as error:
            faults[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return faults


@pytest.fixture
def tries(monkeypatch):
    """How often a service was run again."""
    seen = []
    monkeypatch.setattr(transactions.time, "sleep", lambda span: seen.append(span))
    return seen


@pytest.fixture
def world(own_database, django_db_blocker, data_dir, at):
    at.set(NOON)
    with django_db_blocker.unblock():
        yield made.build(data_dir)


def issue(world, vehicle, at):
    return services.issue_challan(
        load=services.Load(
            lease=world.lease, vehicle=vehicle, place=world.place, quantity_m3=Decimal(5), driver_name="राम"
        ),
        by=world.actor,
        at=at,
    )


@postgresql
def test_reissue_and_issue_take_log_and_counter_in_one_order(world, at, monkeypatch, tries):
    """The first lorry's old challan never started: its reissue logs that before it takes a number."""
    other = registry.register_vehicle(
        vehicle=registry.NewVehicle(registration="BR08G9999", capacity_m3=Decimal(10), owner_name="Shyam", **LORRY),
        by=SYSTEM,
        at=NOON,
    )
    registry.fit_device(imei="861234567890777", vehicle=other, by=SYSTEM, at=NOON)
    world.report(NOON)
    issue(world, world.vehicle, NOON)
    later = NOON + timedelta(hours=3)
    for imei in (made.IMEI, "861234567890777"):
        world.report(later, imei=imei)
    lease = made.Lease.objects.get(pk=world.lease.pk)
    lease.pk, lease.number, lease.number, lease.lot_code = None, "MUN-2026-02", "MUN-2026-02", "MUN-2026-02"
    lease.save()
    numbered, sign = threading.Event(), services.issue.sign_pass

    def slow_sign(facts, **more):
        if facts.vehicle == "BR08G9999":  # it has its number: let the reissue begin, and give it time to wait
            numbered.set()
            threading.Event().wait(0.6)
        return sign(facts, **more)

    monkeypatch.setattr(services.issue, "sign_pass", slow_sign)

    def reissue():
        assert numbered.wait(20)
        issue(world, world.vehicle, later)

    def first_issue():
        services.issue_challan(
            load=services.Load(
                lease=lease, vehicle=other, place=world.place, quantity_m3=Decimal(5), driver_name="श्याम"
            ),
            by=world.actor,
            at=later,
        )

    assert together(first_issue, reissue) == [None, None]
    assert tries == [], "no transaction had to be broken off"
    assert Challan.objects.filter(state="issued").count() == 2 and selectors.broken_link() is None


@postgresql
def test_a_service_broken_off_by_the_database_runs_again(world, tries):
    for series in ("a", "b"):
        Counter.objects.create(series=series)
    met = threading.Barrier(2, timeout=20)

    def service(first, second):
        rounds = []

        @transaction.atomic
        def act():
            rounds.append(1)
            for series in (first, second):
                row = Counter.objects.select_for_update().get(series=series)
                if series == first and len(rounds) == 1:
                    met.wait()
                row.value += 1
                row.save()
            log_action("test.done", subject=("counter", second), by=SYSTEM, at=NOON)

        return act

    assert together(service("a", "b"), service("b", "a")) == [None, None]
    assert tries, "one of the two was broken off, and ran again"
    assert [row.value for row in Counter.objects.filter(series__in="ab")] == [2, 2]
    assert ActionLog.objects.filter(code="test.done").count() == 2 and selectors.broken_link() is None


def test_what_somebody_recorded_meanwhile_is_looked_at_once_more_and_refused_by_its_clause(
    own_database, django_db_blocker, data_dir, at, monkeypatch
):
    known, looks = rivers.known_rivers, []

    def before_the_other(now):
        looks.append(now)
        return [row for row in known(now) if row.name_en != "Bagmati Old"] if len(looks) == 1 else known(now)

    with django_db_blocker.unblock():
        River.objects.create(code="bagmati-old", name_en="Bagmati Old", name_hi="बागमती", spellings=[])
        monkeypatch.setattr(rivers, "known_rivers", before_the_other)
        with pytest.raises(Refusal) as refused:
            rivers.enter_river(name_en="Bagmati Old", name_hi="बागमती", spellings=[], by=SYSTEM, at=NOON)
        assert [finding.code for finding in refused.value.findings] == ["GHT-05"] and len(looks) == 2
        monkeypatch.setattr(rivers, "known_rivers", lambda now: [])
        with pytest.raises(IntegrityError):
            rivers.enter_river(name_en="Bagmati Old", name_hi="बागमती", spellings=[], by=SYSTEM, at=NOON)


class UniqueViolation(Exception):
    """As PostgreSQL tells it."""

    sqlstate = "23505"
    diag = SimpleNamespace(constraint_name="one_tax_item_a_reference")


def test_what_is_kept_once_is_named_as_either_database_tells_it():
    words, by_name = book().entry("REC-05").words, IntegrityError("duplicate key value")
    by_name.__cause__ = UniqueViolation()
    by_columns = IntegrityError("UNIQUE constraint failed: ledger_taxitem.kind, ledger_taxitem.reference")
    for fault in (by_name, by_columns):
        (finding,) = refusal_of(fault).findings
        assert (finding.code, finding.facts["what"]) == ("REC-05", words["one_tax_item_a_reference"])
    assert refusal_of(IntegrityError("FOREIGN KEY constraint failed")) is None
    constraints = {row.name for model in apps.get_models() for row in model._meta.constraints}
    assert set(words) - {"any"} <= constraints, "words for constraints that there are"


@postgresql
def test_many_services_that_log_and_count_in_any_order_all_end_well(world):
    def act(n):
        @transaction.atomic
        def service():
            for step in range(4):
                if (n + step) % 2:
                    log_action("test.mixed", subject=("n", str(n)), by=SYSTEM, at=NOON)
                else:
                    next_number(f"mixed-{step % 2}")

        return lambda: [service() for _ in range(5)]

    assert together(*(act(n) for n in range(6))) == [None] * 6
    assert ActionLog.objects.filter(code="test.mixed").count() == 60 and selectors.broken_link() is None


def test_a_busy_database_is_asked_again_and_nothing_is_done_twice(world, tries):
    faults = [OperationalError("database is locked")]

    @transaction.atomic
    def service():
        number = next_number("busy")
        if faults:
            raise faults.pop()
        return number

    assert service() == 1 and len(tries) == 1


def test_a_service_that_the_database_refuses_for_another_reason_is_not_run_again(world, tries):
    @transaction.atomic
    def service():
        raise OperationalError("no such table: x")

    with pytest.raises(OperationalError, match="no such table"):
        service()
    assert tries == []


def test_inside_another_transaction_only_the_outermost_service_runs_again(world, tries):
    runs = []

    @transaction.atomic
    def inner():
        runs.append("inner")
        if runs.count("inner") == 1:
            raise OperationalError("database is locked")

    @transaction.atomic
    def outer():
        runs.append("outer")
        inner()

    outer()
    assert runs == ["outer", "inner", "outer", "inner"] and len(tries) == 1


def test_a_job_that_the_database_breaks_off_is_run_again_at_once(world, tries, monkeypatch):
    from immis.commands.processes import worker

    faults = [OperationalError("database is locked")]

    def job(*, at):
        if faults:
            raise faults.pop()
        return 3

    monkeypatch.setattr(worker, "_function", lambda path: job)
    one = worker.Worker(jobs=[worker.Job("test", "x", 1.0)])
    assert one.run_round() and one.counts["test"].failures == 0 and one.counts["test"].handled == 3
