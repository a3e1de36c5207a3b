"""From an event of the outbox to its consequences, once, for each trigger (A-12…A-19, A-21…A-24)."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from immis.core.access.permissions import SYSTEM
from immis.core.events import facts_of
from immis.core.models import ActionLog, OutboxEvent
from immis.enforcement import selectors
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, FailedEvent, Outcome, Task
from immis.messaging.models import Delivery, Message
from immis.messaging.selectors import unread_count
from tests.enforcement.world import GHAT, NOON
from tests.examples import example

pytestmark = pytest.mark.django_db


def test_instalment_due_lands_in_the_district_login_and_at_the_settlee(world):
    early = NOON - timedelta(days=11)
    world.instalment("instalment.due_soon", at=early)
    assert run_triggers(at=early) == 1
    task = Task.objects.get()
    assert (task.code, task.office.code, task.act, task.subject_id) == (
        "TRG-01",
        "office-district",
        "remind",
        "D-26-000004",
    )
    assert task.due_at.isoformat() == "2026-10-15T18:30:00+00:00"  # the end of 15.10.2026 in India
    message = Message.objects.get()
    assert (message.template, message.to_id) == ("MSG-01", str(world.settlee.pk))
    assert {d.channel: d.state for d in message.deliveries.all()} == {
        "portal": "sent",
        "email": "queued",
        "sms": "no_service",
    }


def test_a_look_asks_once_who_answers_and_a_new_address_counts_from_the_next(world):
    """Twenty instalments of one settlee: posts and addresses are asked for once, not for each of them."""
    asked = _look_at_twenty(world, first=1)
    assert [sum(f'FROM "registry_{name}"' in sql for sql in asked) for name in ("post", "party")] == [1, 1]
    world.settlee.email = "new@example.org"
    world.settlee.save()
    _look_at_twenty(world, first=21)
    mails = Delivery.objects.filter(channel="email").order_by("id").values_list("address", flat=True)
    assert list(mails) == ["ganga@example.org"] * 20 + ["new@example.org"] * 20


def _look_at_twenty(world, *, first: int) -> list[str]:
    """What the engine asks of the database while it handles twenty instalments that are due soon."""
    for number in range(first, first + 20):
        facts = {**world.lease_facts(), "demand": f"D-26-{number:06d}", "due_on": NOON.date()}
        world.event("instalment.due_soon", subject=("lease", "MUN-2026-01"), **facts)
    with CaptureQueriesContext(connection) as asked:
        assert run_triggers(at=NOON) == 20
    return [query["sql"] for query in asked.captured_queries]


def test_overdue_replaces_the_reminder(world):
    world.instalment("instalment.due_soon", at=NOON - timedelta(days=11))
    run_triggers(at=NOON - timedelta(days=11))
    world.instalment("instalment.overdue")
    run_triggers(at=NOON)
    states = dict(Task.objects.values_list("code", "state"))
    assert states == {"TRG-01": "done", "TRG-02": "open"}
    assert list(Message.objects.order_by("id").values_list("template", flat=True)) == ["MSG-01", "MSG-02"]


@pytest.mark.flow
def test_stop_and_resume_are_told_with_clause_and_officer(world):
    hold = {
        "stops": "challans",
        "rule_code": "HLD-01",
        "since": NOON,
        "demand": "D-26-000004",
        **world.lease_facts(),
    }
    world.instalment("instalment.overdue")
    world.event("hold.started", subject=("lease", "MUN-2026-01"), **hold)
    run_triggers(at=NOON)
    world.event(
        "hold.ended",
        subject=("lease", "MUN-2026-01"),
        **hold,
        ended_at=NOON + timedelta(days=2),
        officer="खनिज विकास पदाधिकारी",
        cause={"en": "payment verified", "hi": "भुगतान सत्यापित"},
    )
    run_triggers(at=NOON + timedelta(days=2))
    told = {m.template: m for m in Message.objects.all()}
    assert told["MSG-03"].facts["rule_code"] == "HLD-01"
    assert told["MSG-03"].facts["stops"]["hi"] == "ई-चालान का निर्गमन"
    assert told["MSG-04"].facts["officer"] == "खनिज विकास पदाधिकारी"
    assert Task.objects.get(code="TRG-02").state == "done"


@pytest.mark.flow
def test_strong_tampering_opens_a_case_with_evidence_and_a_task_at_once(world):
    world.tamper()
    run_triggers(at=NOON)
    case, task = Case.objects.get(), Task.objects.get()
    assert case.number == "MUN-C-2026-0001"
    assert (case.offence, case.state, case.party, case.district) == ("gps_tamper", "opened", world.owner, "Munger")
    assert case.proposed_paise == 100_000_00
    seen = case.evidence["signals"][0]
    assert (seen["signal"], seen["raw"], seen["lat"]) == ("cover_opened", "$Header,VENDOR,...*6A", 25.2785)
    assert (task.case, task.due_at) == (case, NOON + timedelta(days=1))


def test_a_tractors_penalty_is_its_own(world):
    world.vehicle.kind = "tractor"
    world.vehicle.save()
    world.tamper()
    run_triggers(at=NOON)
    assert Case.objects.get().proposed_paise == 20_000_00


def test_suspect_tampering_opens_only_a_task(world):
    world.tamper(grade="suspect")
    run_triggers(at=NOON)
    assert Task.objects.get().act == "inspect" and not Case.objects.exists()


def test_further_signals_join_the_open_case(world):
    world.tamper(key="gateway:1")
    world.tamper(key="gateway:2", at=NOON + timedelta(minutes=4))
    run_triggers(at=NOON + timedelta(minutes=5))
    assert len(Case.objects.get().evidence["signals"]) == 2
    assert Task.objects.count() == 1


@pytest.mark.flow
def test_challan_issued_away_carries_every_fact_to_the_desk(world, clerk):
    facts = {
        **world.lease_facts(),
        "challan": "MUN-26-000001",
        "registration": "BR08G1234",
        "place": GHAT,
        "issued_at": NOON,
        "lat": 25.31,
        "lon": 86.62,
        "fix_at": NOON - timedelta(seconds=20),
        "distance_m": 2750,
    }
    world.event("challan.issued_away", subject=("challan", "MUN-26-000001"), **facts)
    run_triggers(at=NOON)
    task = Task.objects.get()
    named = ("challan", "registration", "place", "issued_at", "lat", "lon", "fix_at", "distance_m", "party_id")
    assert all(task.facts[name] not in (None, "") for name in named)
    assert (task.act, task.subject_kind) == ("open_case", "challan")

    from immis.enforcement.services import open_case_from_task

    case = open_case_from_task(task, by=clerk, at=NOON)
    task.refresh_from_db()
    assert (case.offence, case.party, case.challan_number) == ("issued_away", world.settlee, "MUN-26-000001")
    assert (task.state, task.case, task.decided_by) == ("done", case, clerk.user_id)


@pytest.mark.flow
def test_winner_is_told_and_no_winner_tells_nobody(world):
    won = {"lot": "MUN-2026-01", "ghat": GHAT, "district": "Munger", "amount_rupees": 8_950_500}
    world.event(
        "lot.closed",
        subject=("lot", "MUN-2026-01"),
        **won,
        winner_party_id=world.settlee.pk,
        winner={"en": "Ganga", "hi": "गंगा"},
    )
    world.event(
        "lot.closed",
        subject=("lot", "MUN-2026-02"),
        **{**won, "lot": "MUN-2026-02", "winner_party_id": None, "winner": {}, "amount_rupees": 0},
    )
    assert run_triggers(at=NOON) == 2
    message = Message.objects.get()
    assert (message.template, message.facts["amount_rupees"]) == ("MSG-10", 8_950_500)
    assert selectors.trigger_counts() == {"TRG-10": 1}


@pytest.mark.flow
def test_power_cut_counts_only_on_a_trip(world):
    seen = {"imei": "861234567890123", "registration": "BR08G1234", "seen_at": NOON}
    world.event("device.power_cut", subject=("vehicle", "BR08G1234"), **seen)
    run_triggers(at=NOON)
    assert not Task.objects.exists()


def test_twice_is_once(world):
    world.tamper()
    run_triggers(at=NOON)
    before = _footprint()
    OutboxEvent.objects.update(handled_at=None)  # as if the mark had been lost
    run_triggers(at=NOON)
    assert _footprint() == before
    assert OutboxEvent.objects.filter(handled_at=None).count() == 0


def _footprint():
    return [model.objects.count() for model in (Outcome, Task, Case, Message, ActionLog)]


def test_a_crash_in_the_middle_leaves_nothing_and_the_next_run_does_it_all(world, monkeypatch):
    """The process dies after the first consequence was carried out: nothing of the event may stay."""
    from immis.enforcement import consequences

    before = _footprint()
    carry, calls = consequences.Carrier.out, []

    def die_at_second(self, consequence):
        calls.append(consequence)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return carry(self, consequence)

    monkeypatch.setattr(consequences.Carrier, "out", die_at_second)
    world.tamper()
    with pytest.raises(KeyboardInterrupt):
        run_triggers(at=NOON)
    assert _footprint() == before and OutboxEvent.objects.filter(handled_at=None).count() == 1
    monkeypatch.setattr(consequences.Carrier, "out", carry)
    run_triggers(at=NOON)
    assert Case.objects.count() == Task.objects.count() == Outcome.objects.count() == 1


def test_a_failing_event_is_kept_seen_by_headquarters_and_does_not_block(world, monkeypatch):
    broken = {**world.lease_facts(), "demand": "D-26-000009", "due_on": "not a day", "label": GHAT, "amount_paise": 1}
    world.broken("instalment.overdue", subject=("lease", "MUN-2026-01"), **broken)
    world.tamper()
    assert run_triggers(at=NOON) == 1
    assert Case.objects.count() == 1
    failed = selectors.failed_events(world.actors["hq"]).get()
    assert failed.attempts == 1 and "due_on" in failed.error and failed.next_try_at == NOON + timedelta(seconds=30)
    assert run_triggers(at=NOON + timedelta(seconds=29)) == 0
    with monkeypatch.context() as listed:  # by a worker that looked before another one saw it fail
        listed.setattr(selectors, "waiting_events", lambda **_: [failed.event_id])
        assert run_triggers(at=NOON + timedelta(seconds=29), limit=1) == 0
    failed.refresh_from_db()
    assert failed.attempts == 1
    run_triggers(at=NOON + timedelta(seconds=30))
    failed.refresh_from_db()
    assert (failed.attempts, failed.next_try_at) == (2, NOON + timedelta(seconds=90))


def test_a_failed_event_is_handled_once_the_cause_is_gone(world):
    tamper = facts_of(example("device.tamper", registration="BR08G1234", imei="8", grade="strong", signal="x"))
    del tamper["seen_at"]
    world.broken("device.tamper", subject=("vehicle", "BR08G1234"), **tamper)
    run_triggers(at=NOON)
    assert FailedEvent.objects.get().resolved_at is None
    event = OutboxEvent.objects.get()
    event.facts = {**event.facts, "seen_at": NOON.isoformat()}
    event.save()
    assert run_triggers(at=NOON + timedelta(minutes=1)) == 1
    assert FailedEvent.objects.get().resolved_at == NOON + timedelta(minutes=1)


def test_events_without_a_trigger_are_taken_off(world):
    world.event("vehicle.left_fence", subject=("vehicle", "BR08G1234"))
    assert run_triggers(at=NOON) == 1
    assert not Outcome.objects.exists() and selectors.pending_count() == 0


def test_outcome_keeps_policy_day_and_facts_for_replay(world):
    world.tamper()
    run_triggers(at=NOON)
    outcome = selectors.outcomes(SYSTEM).get()
    assert (outcome.trigger_code, outcome.policy_on.isoformat()) == ("TRG-05", "2026-10-16")
    assert outcome.facts["registration"] == "BR08G1234"
    assert [one["kind"] for one in outcome.consequences] == ["OpenCase", "OpenTask"]


def test_overdue_tasks_are_escalated_once(world):
    from immis.enforcement.jobs import escalate_tasks

    world.tamper(grade="suspect")
    run_triggers(at=NOON)
    due_at = Task.objects.get().due_at
    assert escalate_tasks(at=due_at - timedelta(milliseconds=1)) == 0
    assert escalate_tasks(at=due_at) == 1
    assert escalate_tasks(at=due_at + timedelta(days=1)) == 0
    assert Message.objects.get(template="MSG-08").to_kind == "office"
    assert selectors.lane_counts(world.actors["hq"], at=due_at + timedelta(days=1))["up"] == 1


def test_an_escalation_reaches_the_people_of_headquarters_and_their_navigation(world, client, mailoutbox):
    from immis.enforcement.jobs import escalate_tasks
    from immis.messaging.jobs import deliver
    from immis.registry import services as registry

    hq = world.offices["hq"]
    for name in ("ad", "director"):
        person = registry.add_user(username=name, name_en=name, name_hi=name, email=f"{name}@example.org")
        registry.appoint(user=person, office=hq, role="hq")
    left = registry.add_user(username="left", name_en="left", name_hi="left", email="left@example.org")
    registry.appoint(user=left, office=hq, role="hq")
    left.posts.update(active=False)
    world.tamper(grade="suspect")
    run_triggers(at=NOON)
    before = unread_count(world.actors["hq"])
    due_at = Task.objects.get().due_at
    escalate_tasks(at=due_at)
    assert deliver(at=due_at) == 2
    assert sorted(mail.to[0] for mail in mailoutbox) == ["ad@example.org", "director@example.org"]
    client.force_login(world.users["hq"])
    page = client.get("/office/").content.decode()
    assert f"<b>{before + 1}</b>" in re.search(r'<a class="bell".*?</a>', page, re.S)[0]
    assert client.get(f"/messages/{Message.objects.get(template='MSG-08').pk}/").status_code == 200
    assert unread_count(world.actors["hq"]) == before


def test_one_task_that_cannot_be_escalated_keeps_no_other_waiting(world):
    from immis.enforcement.jobs import escalate_tasks

    world.tamper(grade="suspect")
    run_triggers(at=NOON)
    good = Task.objects.get()
    odd = {"office": good.office, "role": "district", "code": "TRG-NONE", "subject_kind": "x"}
    for n in range(250):
        Task.objects.create(**odd, subject_id=str(n), opened_at=NOON, due_at=NOON - timedelta(days=1))
    assert escalate_tasks(at=good.due_at) == 1
    good.refresh_from_db()
    assert good.escalated_at == good.due_at
