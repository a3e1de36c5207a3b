"""Facts keep the type they had: what a person types is shown as typed, whatever it looks like, and stops nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core import mail
from django.core.cache import cache
from openpyxl import load_workbook

from immis.core import facts as kept
from immis.core.access.permissions import SYSTEM
from immis.core.models import ActionLog, Decision
from immis.core.selectors import broken_link
from immis.core.services import log_action, record_decision
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.messaging import texts
from immis.messaging.jobs import deliver
from immis.messaging.models import Delivery, Message
from immis.messaging.services import Recipient, send
from immis.web.shell import wording
from tests.settlement import india, treasury, world
from tests.transactions import undone
from tests.web.leases.test_lease_pages import CODE, signed_in, text
from tests.web.signin.test_sign_up import _ask
from tests.web.signin.test_sign_up import season as season

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db
MINE = f"/settlee/leases/{CODE}/life/"
AT = datetime(2026, 6, 5, 7, 30, tzinfo=UTC)
ODD = (
    "2026-10-16 10:00 the river has left",
    "2026-99-99",
    "2026-10-16",
    "2026-10-16T10:00:00+05:30",
    "9999-12-31 23:59",
    "0001-01-01T00:00+14:00",
    "2026-W42-5",
)


def test_what_a_settlee_writes_stands_on_every_desk_as_written(world, at):
    world.mining()
    at.set(india("2026-08-20"))
    for written in ODD:
        with undone():
            stands_on_every_desk(world, at, written)


def stands_on_every_desk(world, at, written):
    settlee = signed_in(world, "settlee")
    settlee.post(MINE, {"act": "surrender", "reason": written, "sure": "on"})
    run_triggers(at=at())
    task = next(one for one in Task.objects.all() if written in str(one.facts))
    for officer in ("mdo", "collector", "hq"):
        reader = signed_in(world, officer)
        desk = reader.get("/office/", {"lane": "office" if officer == "hq" else "mine"})
        assert desk.status_code == 200
        if officer != "mdo":  # the surrender lands on the Collector's desk
            assert written in text(desk) and text(desk).count(written) == 1
            assert written in text(reader.get(f"/office/tasks/{task.pk}/"))
        for kind in ("csv", "xlsx"):
            assert reader.get("/office/", {"format": kind}).status_code == 200
        assert reader.get("/messages/").status_code == 200
    assert settlee.get(MINE).status_code == 200


def test_a_pan_like_a_date_is_refused_in_words(client, season):
    cache.clear()
    for pan in ("2026-99-99", "2026-10-16", "9999-12-31"):
        answer = _ask(client, pan=pan)
        assert answer.status_code in (409, 422) and pan in answer.content.decode()


def test_a_message_in_the_form_of_a_date_does_not_stop_the_mail(at):
    for n, reason in enumerate(ODD):
        facts = {"ghat": {"en": reason, "hi": reason}, "amount_rupees": 5, "reason": reason}
        send("MSG-10", to=Recipient("party", str(n), email=f"a{n}@example.org"), facts=facts, at=AT)
    assert deliver(at=AT) == len(ODD) and len(mail.outbox) == len(ODD)
    assert [texts.worded("reason", one, "en") for one in ODD] == list(ODD)


def test_one_mail_that_cannot_be_worded_is_its_own_fault(monkeypatch, at):
    for n in range(3):
        send("MSG-10", to=Recipient("party", str(n), email=f"a{n}@example.org"), facts={"ghat": str(n)}, at=AT)
    said = texts.worded

    def broken(name, value, lang):
        if value == "1":
            raise ValueError("not to be worded")
        return said(name, value, lang)

    monkeypatch.setattr(texts, "worded", broken)
    assert deliver(at=AT) == 2
    failed = Delivery.objects.get(state="failed")
    assert failed.address == "a1@example.org" and "not to be worded" in failed.error and failed.next_try_at > AT


def test_one_row_that_cannot_be_worded_is_its_own_fault(world, at, monkeypatch, caplog):
    world.mining()
    at.set(india("2026-08-20"))
    signed_in(world, "settlee").post(MINE, {"act": "surrender", "reason": "the river", "sure": "on"})
    run_triggers(at=at())
    Task.objects.create(
        **{
            name: getattr(Task.objects.first(), name)
            for name in ("role", "office", "subject_kind", "act", "opened_at", "due_at")
        },
        code="TRG-99", subject_id="bad-one", facts={},
    )  # fmt: skip
    said = wording.worded_fact

    def broken(key, value):
        if value == "the river":
            raise RuntimeError("not to be worded")
        return said(key, value)

    monkeypatch.setattr(wording, "worded_fact", broken)
    desk = signed_in(world, "collector").get("/office/")
    assert desk.status_code == 200 and "नहीं दिखाई जा सकती" in text(desk)
    assert "bad-one" in text(signed_in(world, "collector").get("/office/", {"lane": "office"}))
    assert "cannot be shown" in caplog.text


def test_days_instants_and_decimals_come_back_as_such_and_text_as_text(at):
    facts = {
        "due_on": date(2026, 10, 16),
        "seen_at": india("2026-10-16"),
        "area_ha": Decimal("15.30"),
        "reason": "2026-10-16",
        "rows": [{"until": date(9999, 12, 31)}, "0001-01-01"],
        "odd": {"$day": "2026-99-99"},
        "odder": {"$facts": {"$instant": "x"}},
    }
    send("MSG-10", to=Recipient("party", "7"), facts=facts, at=AT)
    row = Message.objects.get()
    assert row.facts == kept.plain(facts), "the text of each is what it always was"
    assert {name: kept.typed(value) for name, value in row.facts.items() if name != "rows"} == {
        name: value for name, value in facts.items() if name != "rows"
    }
    assert kept.typed(row.facts["rows"][0]["until"]) == date(9999, 12, 31)
    assert type(row.facts["rows"][1]) is str and type(row.facts["reason"]) is str
    assert wording.worded_fact("reason", row.facts["reason"]) == "2026-10-16"
    assert wording.worded_fact("anything", row.facts["due_on"]) == "16.10.2026"
    assert wording.worded_fact("anything", row.facts["seen_at"]) == "16.10.2026, 10:00"


def test_the_chain_of_the_log_and_the_replay_read_the_text(at):
    facts = {"on": date(2026, 10, 16), "at": AT, "ha": Decimal("1.50"), "note": "2026-99-99"}
    log_action("x.tried", subject=("x", "1"), by=SYSTEM, at=AT, facts=facts)
    assert broken_link() is None
    assert ActionLog.objects.get().facts == {
        "on": "2026-10-16", "at": AT.isoformat(), "ha": "1.50", "note": "2026-99-99"
    }  # fmt: skip
    record_decision("HLD-01", subject=("x", "1"), facts=facts, outcome="x", policy_on=AT.date(), at=AT)
    assert kept.typed(Decision.objects.get().facts["at"]) == AT


def test_an_export_of_odd_text_opens(world, at, tmp_path):
    world.mining()
    at.set(india("2026-08-20"))
    signed_in(world, "settlee").post(MINE, {"act": "surrender", "reason": "9999-12-31 23:59", "sure": "on"})
    run_triggers(at=at())
    file = tmp_path / "tasks.xlsx"
    file.write_bytes(signed_in(world, "collector").get("/office/", {"format": "xlsx"}).content)
    assert any("9999-12-31 23:59" in str(cell.value) for row in load_workbook(file).active for cell in row)


ODD_FACTS = (
    {}, {"signal": ["cover_opened"], "lease": 5}, {"amount_paise": "x", "due_on": "2026-99-99", "seen_at": []},
    {"label": {"en": None}, "party": [1, {"hi": "2026-10-16"}], "lat": "NaN", "place": "{x} {0} %s"},
)  # fmt: skip


def test_a_task_and_a_message_of_any_facts_can_be_opened(world, at):
    world.mining()
    at.set(india("2026-08-20"))
    signed_in(world, "settlee").post(MINE, {"act": "surrender", "reason": "the river", "sure": "on"})
    run_triggers(at=at())
    task, reader = Task.objects.first(), signed_in(world, "collector")
    for facts in ODD_FACTS:
        for act in ("life", "remind", "recover", "inspect", "unheard_of"):
            with undone():
                can_be_opened(reader, task, act, facts, at())


def can_be_opened(reader, task, act, facts, at):
    Task.objects.filter(pk=task.pk).update(facts=facts, act=act, code="TRG-05")
    to = {"to_kind": "office", "to_id": str(task.office.pk), "subject_kind": "lease", "subject_id": "x", "at": at}
    letters = [Message.objects.create(template=code, facts=facts, **to) for code in ("MSG-01", "GONE-01")]
    for address in (
        "/office/",
        f"/office/tasks/{task.pk}/",
        "/messages/",
        *(f"/messages/{one.pk}/" for one in letters),
    ):
        assert reader.get(address).status_code in (200, 404), (address, act, facts)
    assert reader.get("/messages/", {"format": "csv"}).status_code == 200, (act, facts)
