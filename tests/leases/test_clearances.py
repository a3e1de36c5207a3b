"""Clearances after the grant: versions, validity, silence that is consent, proposals on PARIVESH."""

import threading
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from immis.adapters.parivesh.simulator import PariveshSimulator
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import ActionLog, Decision, OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.holds.selectors import spells_on
from immis.leases import clearance_jobs, clearances, selectors
from immis.leases import services as path
from immis.leases.models import ClearanceVersion, ProposalChange, ProposalWatch
from immis.messaging.models import Message
from tests.settlement import india

NUMBER = "SIA/BR/MIN/450001/2026"
PDF = b"%PDF-1.7\n% an order\n"


def codes(refused) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def newer(world, lease, **more):
    kind, at = more.pop("kind", "ec"), more.pop("at", india("2026-08-02"))
    grant = path.ClearanceGrant(**({"granted_on": date(2026, 8, 1), "reference": "EC/2"} | more))
    return path.add_version(lease=lease, kind=kind, grant=grant, by=world.district, at=at)


# -- versions


def test_a_newer_order_supersedes_the_older_and_leaves_it_as_it_was(world):
    lease = world.mining()
    paper = path.Document("आदेश.pdf", PDF)
    newer(world, lease, valid_until=date(2027, 7, 31), quantity_m3=60_000, document=paper)
    shown = next(one for one in clearances.shown_of(lease, at=india("2026-08-02")) if one.clearance.kind == "ec")
    assert [(one.number, one.reference, one.quantity_m3) for one in shown.versions] == [
        (2, "EC/2", 60_000),
        (1, "ec/1", 91_800),
    ]
    kept = shown.versions[0].document
    assert kept["type"] == "PDF" and clearances.document_of(lease, kept["sha256"])[1].read_bytes() == PDF
    assert selectors.permitted_quantity(lease) == 60_000
    with pytest.raises(DatabaseError), transaction.atomic():
        ClearanceVersion.objects.filter(number=1).update(reference="forged")


def test_a_larger_quantity_binds_again_only_by_its_newest_version(world):
    lease = world.mining()
    newer(world, lease, quantity_m3=60_000)
    newer(world, lease, quantity_m3=80_000, granted_on=date(2026, 8, 3), at=india("2026-08-04"))
    assert selectors.permitted_quantity(lease) == 80_000


@pytest.mark.flow
def test_a_quantity_that_a_newer_order_is_silent_about_stays_marked_until_one_ends_it(world):
    lease = world.mining()
    newer(world, lease, quantity_m3=91_800, month_m3=9_000, day_m3=400)
    findings = newer(world, lease, quantity_m3=91_800, day_m3=500, granted_on=date(2026, 8, 2))
    assert [(one.code, one.severity) for one in findings] == [("LSE-34", "warning")]
    assert "9,000" in findings[0].facts["stays"]["en"]
    limits, newest = selectors.limits_of(lease), ClearanceVersion.objects.filter(clearance__kind="ec").last()
    assert (limits.month_m3, limits.day_m3) == (9_000, 500) and "month_m3" in newest.carried
    assert "day_m3" not in newest.carried
    at = india("2026-08-04")
    assert not newer(world, lease, quantity_m3=91_800, ends_limits=True, granted_on=date(2026, 8, 3), at=at)
    limits = selectors.limits_of(lease)
    assert (limits.month_m3, limits.day_m3) == (None, None)


def test_a_cut_quantity_is_said_and_kept_as_a_decision(world):
    lease = world.mining()
    findings = newer(world, lease, quantity_m3=60_000)
    assert [one.code for one in findings] == ["LSE-15"]
    assert Decision.objects.filter(rule_code="LSE-15", subject_id=lease.number).exists()


@pytest.mark.parametrize(
    "more, code",
    [
        ({"granted_on": date(2026, 7, 1)}, "LSE-31"),
        ({"granted_on": date(2026, 8, 3)}, "LSE-31"),
        ({"valid_until": date(2026, 7, 31)}, "LSE-31"),
        ({"kind": "water"}, "LSE-31"),
        ({"document": path.Document("x.pdf", b"MZ a program")}, "LSE-32"),
        ({"document": path.Document("x.pdf", b"")}, "LSE-32"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(world, more, code):
    lease = world.mining()
    with pytest.raises(Refusal) as refused:
        newer(world, lease, **more)
    assert codes(refused) == [code]
    assert ClearanceVersion.objects.filter(clearance__lease=lease).count() == 3


def test_only_the_settlements_own_office_records(world):
    lease = world.mining()
    for name in ("patna", "settlee", "checkpost", "monitor"):
        with pytest.raises(NotPermitted):
            path.add_version(
                lease=lease,
                kind="ec",
                grant=path.ClearanceGrant(granted_on=date(2026, 8, 1), reference="x"),
                by=world.actor(name),
                at=india("2026-08-02"),
            )


# -- validity


def stops(lease, at) -> list[str]:
    return [hold.rule_code for hold in selectors.standing_holds(lease, at) if hold.rule_code.startswith("HLD-2")]


@pytest.mark.flow
def test_a_clearance_that_runs_out_stops_and_a_newer_one_opens(world):
    lease = world.mining()
    newer(world, lease, valid_until=date(2026, 8, 20))
    midnight = india("2026-08-21", "00:00:00")
    assert stops(lease, midnight - timedelta(milliseconds=1)) == [] and stops(lease, midnight) == ["HLD-20"]
    later = india("2026-08-22")
    assert clearance_jobs.announce_clearances(at=later) == 1 and clearance_jobs.announce_clearances(at=later) == 0
    spell = spells_on(("lease", lease.number))[0]
    assert (spell.rule_code, spell.since, spell.ended_at) == ("HLD-20", midnight, None)
    renewed = india("2026-08-25")
    newer(world, lease, granted_on=date(2026, 8, 24), valid_until=date(2027, 8, 23), at=renewed)
    assert stops(lease, renewed) == []
    spell.refresh_from_db()
    assert (spell.ended_at, spell.end_cause, spell.ended_by) == (renewed, "renewed", world.users["mdo"].pk)
    assert OutboxEvent.objects.filter(kind="hold.ended").count() == 1


def test_a_stop_needs_no_job(world):
    lease = world.mining()
    newer(world, lease, valid_until=date(2026, 8, 20))
    hold = next(one for one in selectors.standing_holds(lease, india("2026-09-01")) if one.rule_code == "HLD-20")
    assert hold.stops == "challans" and hold.facts["reference"] == "EC/2"


# -- silence that is consent


@pytest.mark.flow
def test_a_month_of_silence_is_no_objection_once(world):
    lease = world.with_loi()
    path.apply_for_water(lease=lease, on=date(2026, 6, 20), by=world.district, at=india("2026-06-20"))
    assert clearance_jobs.announce_clearances(at=india("2026-07-20", "23:59:59")) == 0
    over = india("2026-07-21", "00:00:00")
    assert clearance_jobs.announce_clearances(at=over) == 1 and clearance_jobs.announce_clearances(at=over) == 0
    row = selectors.clearances_of(lease)["water"]
    assert row.granted_on == date(2026, 7, 21)
    version = row.versions.get()
    assert version.rule_code == "LSE-30" and version.recorded_by is None
    assert Decision.objects.get(rule_code="LSE-30").outcome == "deemed"
    run_triggers(at=over)
    assert Task.objects.filter(code="TRG-31").count() == 1
    assert Message.objects.filter(template="MSG-31", to_id=str(lease.party_id)).count() == 1


@pytest.mark.parametrize("granted", [True, False])
@pytest.mark.flow
def test_an_answer_ends_the_month(world, granted):
    lease = world.with_loi()
    path.apply_for_water(lease=lease, on=date(2026, 6, 20), by=world.district, at=india("2026-06-20"))
    answer = {"on": date(2026, 7, 15), "granted": granted, "reference": "WRD/7", "by": world.district}
    path.answer_water(lease=lease, at=india("2026-07-16"), **answer)
    assert clearance_jobs.announce_clearances(at=india("2026-12-01")) == 0
    row = selectors.clearances_of(lease)["water"]
    assert (row.granted_on, row.refused_on) == ((date(2026, 7, 15), None) if granted else (None, date(2026, 7, 15)))
    with pytest.raises(Refusal) as refused:
        path.answer_water(lease=lease, at=india("2026-07-17"), **answer)
    assert codes(refused) == ["LSE-10"]


# -- PARIVESH


@pytest.fixture
def portal(settings):
    server = PariveshSimulator("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    settings.PARIVESH_URL = server.url
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def followed(world, at):
    lease = world.cleared()
    path.follow_proposal(lease=lease, kind="ec", number=f" {NUMBER} ", by=world.district, at=at)
    return lease


@pytest.mark.flow
def test_a_change_on_the_portal_is_history_task_and_message_once(world, portal):
    at = india("2026-07-14")
    lease = followed(world, at)
    portal.register.move(NUMBER, "Under Examination", "2026-07-05")
    assert clearance_jobs.follow_proposals(at=at) == 1
    assert clearance_jobs.follow_proposals(at=at) == 0, "it was asked a moment ago"
    portal.register.move(NUMBER, "EC Granted", "2026-07-14")
    later = at + timedelta(hours=7)
    assert clearance_jobs.follow_proposals(at=later) == 1
    assert clearance_jobs.follow_proposals(at=later + timedelta(hours=7)) == 0
    changes = ProposalChange.objects.order_by("id").values_list("was", "status", "status_on")
    assert list(changes) == [
        ("", "Under Examination", date(2026, 7, 5)),
        ("Under Examination", "EC Granted", date(2026, 7, 14)),
    ]
    run_triggers(at=later)
    task = Task.objects.get(code="TRG-30")
    assert task.subject_id == lease.number and task.office.district == "Munger"
    assert Message.objects.filter(template="MSG-30", to_id=str(lease.party_id)).count() == 2
    assert selectors.clearances_of(lease)["ec"].reference == "ec/1", "the portal informs; it grants nothing"


def test_a_portal_that_does_not_answer_is_asked_later_and_later(world, portal):
    at = india("2026-07-14")
    followed(world, at)
    portal.register.mood = "504"
    waits = []
    for _ in range(10):
        clearance_jobs._portal.cache_clear()
        assert clearance_jobs.follow_proposals(at=at) == 0
        watch = ProposalWatch.objects.get()
        waits.append(watch.next_ask_at - at)
        at = watch.next_ask_at
    assert watch.problem == "unreachable" and watch.failures == 10
    assert waits[0] == timedelta(minutes=5) and waits[-1] == timedelta(hours=6) and waits == sorted(waits)
    portal.register.mood = "odd"
    portal.register.move(NUMBER, "EC Granted", "2026-07-08")
    clearance_jobs._portal.cache_clear()
    assert clearance_jobs.follow_proposals(at=at) == 1
    watch.refresh_from_db()
    assert (watch.status, watch.problem, watch.failures) == ("EC Granted", "", 0)


def test_a_number_that_the_portal_does_not_know_is_said(world, portal):
    at = india("2026-07-14")
    followed(world, at)
    assert clearance_jobs.follow_proposals(at=at) == 0
    assert ProposalWatch.objects.get().problem == "unknown"


def test_without_a_portal_nothing_is_asked(world, settings):
    settings.PARIVESH_URL = ""
    followed(world, india("2026-07-14"))
    assert clearance_jobs.follow_proposals(at=india("2026-07-15")) == 0
    assert ProposalWatch.objects.get().failures == 0


def test_an_answer_about_an_older_number_changes_nothing(world, portal):
    at = india("2026-07-14")
    lease = followed(world, at)
    old = clearances.to_ask(at, 5)[0]
    path.follow_proposal(lease=lease, kind="ec", number="SIA/BR/MIN/7/2026", by=world.district, at=at)
    from immis.adapters.parivesh.port import Proposal
    from immis.leases.services.parivesh import note_standing

    assert note_standing(old, Proposal(NUMBER, "EC Granted", None, "", {}), at=at) is False
    assert ProposalChange.objects.count() == 0


@pytest.mark.parametrize("number", ["", "x", "../../etc/passwd?x", "SIA BR 1", "S" * 81, "SIA/BR\n/1"])
def test_what_is_no_number_of_a_proposal_is_refused(world, number):
    lease = world.cleared()
    with pytest.raises(Refusal) as refused:
        path.follow_proposal(lease=lease, kind="ec", number=number, by=world.district, at=india("2026-07-14"))
    assert codes(refused) == ["LSE-33"]


def test_the_number_is_in_the_log(world):
    followed(world, india("2026-07-14"))
    row = ActionLog.objects.get(code="lease.proposal_named")
    assert row.facts["reference"] == NUMBER and row.user_id == world.users["mdo"].pk
