"""Desk, tasks, cases, messages and law through their pages: words, acts, clauses, roles (A-12, A-15, A-16, A-24)."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from immis.core.events import words_of
from immis.core.models import DeadLetter
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, Task
from immis.ledger.models import Demand
from immis.messaging.models import Message
from immis.web.shell import wording
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from tests.enforcement import world as made
from tests.enforcement.world import GHAT, NOON

pytestmark = pytest.mark.django_db
OFFICES = ("district", "collector", "hq")
EVERYBODY = ("anonymous", "party", *OFFICES, "monitoring", "checkpost")


@pytest.fixture
def world(db, at):
    at.set(NOON)
    return made.build()


@pytest.fixture
def case(world) -> Case:
    world.tamper()
    run_triggers(at=NOON)
    return Case.objects.get()


def _login(client, world, role, language="hi"):
    if role != "anonymous":
        client.force_login(world.users[role])
    client.cookies[LANGUAGE_COOKIE] = language
    return client


def _rows(response) -> int:
    """How many tasks the desk shows."""
    return response.content.decode().count("data-row")


def _text(response) -> str:
    html = response.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def _issued_away(world):
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


def test_desk_shows_task_clause_due_and_act_in_hindi(client, world, case):
    page = _login(client, world, "district").get(reverse("desk"))
    text = _text(page)
    assert "मेरी मेज" in text
    assert "वाहन BR08G1234 के GPS उपकरण 861234567890123 से छेड़छाड़" in text
    assert 'href="/law/TRG-05/"' in page.content.decode()
    with translation.override("hi"):
        assert wording.citation("Review of 13.01.2026, point vi") in text
    assert "17.10.2026, 12:00" in text  # due a day later, in India's time
    assert reverse("office_case", args=[case.number]) in page.content.decode()


def test_desk_in_english(client, world, case):
    text = _text(_login(client, world, "district", "en").get(reverse("desk")))
    assert "My desk" in text and "Impose the penalty under the rules" in text and "point vi" in text


def test_desk_filters_and_exports(client, world, case):
    _issued_away(world)
    desk = _login(client, world, "district")
    only = desk.get(reverse("desk"), {"code": "TRG-08", "state": "open"})
    assert _rows(only) == 1
    assert "2.8 किमी दूर" in _text(only)
    assert _rows(desk.get(reverse("desk"), {"state": "done"})) == 0
    assert _rows(desk.get(reverse("desk"), {"q": "BR08G1234"})) == 2
    csv = desk.get(reverse("desk"), {"format": "csv"}).content.decode("utf-8-sig")
    assert csv.count("BR08G1234") >= 2 and "प्राप्ति का समय" in csv.splitlines()[0]


def test_a_bad_filter_filters_nothing(client, world, case):
    page = _login(client, world, "district").get(reverse("desk"), {"state": "<script>", "code": "NOPE", "page": "x"})
    assert page.status_code == 200 and _rows(page) == 1


def test_late_tasks_stand_out(client, world, case, at):
    at.set(NOON + timedelta(days=3))
    page = _login(client, world, "district").get(reverse("desk"), {"due": "late", "state": "open"})
    assert _rows(page) == 1 and 'class="chip bad"' in page.content.decode()
    with translation.override("hi"):
        assert translation.gettext("%(n)s late") % {"n": 1} in _text(page)


def test_a_task_is_dismissed_only_with_a_reason(client, world):
    world.tamper(grade="suspect")
    run_triggers(at=NOON)
    task = Task.objects.get()
    desk = _login(client, world, "district")
    refused = desk.post(reverse("task_decide", args=[task.pk]), {"decision": "dismissed", "note": " "})
    assert refused.status_code == 409
    assert "कारण लिखें" in _text(refused)
    assert "/law/CAS-07/" in refused.content.decode()
    done = desk.post(
        reverse("task_decide", args=[task.pk]), {"decision": "dismissed", "note": "उपकरण खराब था"}, follow=True
    )
    task.refresh_from_db()
    assert done.status_code == 200 and (task.state, task.note) == ("dismissed", "उपकरण खराब था")
    shown = _text(desk.get(reverse("task", args=[task.pk])))
    assert "उपकरण खराब था" in shown and "पदाधिकारी district" in shown


def test_a_wrong_place_challan_goes_from_the_desk_to_a_case(client, world):
    _issued_away(world)
    task = Task.objects.get()
    desk = _login(client, world, "district")
    page = _text(desk.get(reverse("task", args=[task.pk])))
    for fact in ("MUN-26-000001", GHAT["hi"], "25.31", "86.62", "2.8 किमी", "BR08G1234", "16.10.2026, 12:00"):
        assert fact in page
    opened = desk.post(reverse("task_open_case", args=[task.pk]))
    case = Case.objects.get()
    assert opened.url == reverse("office_case", args=[case.number])
    assert "2.8 किमी" in _text(desk.get(opened.url))


def test_case_page_shows_evidence_clause_penalty_and_the_bar_as_proposed(client, world, case):
    page = _login(client, world, "district").get(reverse("office_case", args=[case.number]))
    text, html = _text(page), page.content.decode()
    assert "उपकरण का ढक्कन खुला" in text and "$Header,VENDOR,...*6A" in text
    assert "₹ 1,00,000" in text.replace("\xa0", " ")
    assert "/law/PEN-01/" in html and "/law/TRG-05/" in html
    assert "प्रस्तावित, लागू नहीं" in text and "/law/TRG-06/" in html
    places = client.get(reverse("office_case_map", args=[case.number])).json()
    assert places["features"][0]["geometry"]["coordinates"] == [86.6115, 25.2785]


def test_the_whole_case_through_the_page(client, world, case, at):
    officer = _login(client, world, "district")
    act = lambda name, **data: officer.post(reverse("case_act", args=[case.number, name]), data)  # noqa: E731
    early = act("order", amount="100000")
    assert early.status_code == 409 and "/law/CAS-01/" in early.content.decode()
    act("notice")
    waiting = act("order", amount="100000")
    assert waiting.status_code == 409 and "23.10.2026" in _text(waiting)
    act("reply", reply="ढक्कन टूट गया था")
    assert act("order", amount="50000").status_code == 409
    pressed = act("order", amount="100000.00")
    assert pressed.status_code == 409 and "/law/CAS-24/" in pressed.content.decode()
    assert act("order", amount="100000.00", reason="पत्रांक 12 से पुष्टि").status_code == 302
    demand = Demand.objects.get(kind="penalty")
    assert demand.amount_paise == 100_000_00
    text = _text(officer.get(reverse("office_case", args=[case.number])))
    assert demand.number in text and "शास्ति का आदेश" in text and "ढक्कन टूट गया था" in text


@pytest.mark.parametrize("amount", ["", "many", "-1", "1e99", "12.345", "९९९"])
def test_a_bad_amount_is_answered_in_words(client, world, case, amount):
    officer = _login(client, world, "district")
    officer.post(reverse("case_act", args=[case.number, "notice"]))
    officer.post(reverse("case_act", args=[case.number, "reply"]), {"reply": "x"})
    answer = officer.post(reverse("case_act", args=[case.number, "order"]), {"amount": amount}, follow=True)
    assert answer.status_code in (200, 409)
    assert not Demand.objects.filter(kind="penalty").exists()


def test_monitoring_reads_cases_and_is_offered_no_act(client, world, case):
    page = _login(client, world, "monitoring").get(reverse("office_case", args=[case.number]))
    assert page.status_code == 200 and 'name="act"' not in page.content.decode()


def test_headquarters_sees_events_that_failed(client, world):
    world.broken("device.tamper", subject=("vehicle", "BR08G1234"), registration="BR08G1234")
    run_triggers(at=NOON)
    with translation.override("hi"):
        failed = f"{words_of('device.tamper')} vehicle BR08G1234"
    assert failed in _text(_login(client, world, "hq").get(reverse("desk")))
    assert failed not in _text(_login(client, world, "district").get(reverse("desk")))


def test_messages_stand_in_the_inbox_with_clause_and_delivery(client, world):
    world.instalment("instalment.overdue")
    run_triggers(at=NOON)
    settlee = _login(client, world, "party")
    text = _text(settlee.get(reverse("messages")))
    assert "₹ 22,37,625" in text.replace("\xa0", " ") and "15.10.2026" in text
    assert "SMS सेवा संबद्ध नहीं है" in text
    message = Message.objects.get()
    assert message.read_at is None
    assert settlee.get(reverse("message", args=[message.pk])).status_code == 200
    message.refresh_from_db()
    assert message.read_at == NOON and message.read_by == world.users["party"].pk
    other = client.__class__()
    other.force_login(world.users["owner"])
    assert other.get(reverse("message", args=[message.pk])).status_code == 404


def test_law_shows_every_policy_and_each_has_a_page_in_both_languages(client, db):
    from immis.rules.policy import book

    client.cookies[LANGUAGE_COOKIE] = "hi"
    first = client.get(reverse("law")).content.decode()
    listed = {}
    for topic, name in book().topics.items():
        listed[topic] = client.get(reverse("law_topic", args=[topic])).content.decode()
        assert f'href="/law/{topic}/">{name["hi"]}</a>' in first
    for code, entry in book().entries.items():
        assert f"/law/{code}/" in listed[entry.topic] and f'id="{code}"' in listed[entry.topic]
        assert entry.title["hi"].split()[0] in listed[entry.topic]
    for language in ("hi", "en"):
        client.cookies[LANGUAGE_COOKIE] = language
        for code, entry in book().entries.items():
            page = client.get(reverse("law_code", args=[code]))
            assert page.status_code == 200
            assert f"{entry.values[0].from_on:%d.%m.%Y}" in page.content.decode()


def test_law_is_searched_by_word_and_code_and_exported(client, db):
    client.cookies[LANGUAGE_COOKIE] = "en"
    found = client.get(reverse("law"), {"q": "tampered missing"}).content.decode()
    assert "/law/PEN-01/" in found and "/law/AUC-01/" not in found
    bar = _text(client.get(reverse("law_code", args=["TRG-06"])))
    assert "proposed, not in force" in bar and "months: 3" in bar
    table = client.get(reverse("law"), {"topic": "penalties", "format": "csv"}).content.decode("utf-8-sig")
    assert "PEN-01" in table and "AUC-01" not in table
    assert client.get(reverse("law_code", args=["NOPE-99"])).status_code == 404


def _opens(world, case, role, name, args, method):
    from django.test import Client

    client = _login(Client(), world, role)
    return getattr(client, method)(reverse(name, args=args)).status_code


def test_every_page_of_this_part_opens_for_its_roles_and_no_other(world, case):
    task = Task.objects.get()
    signed_in = ("party", *OFFICES, "monitoring", "checkpost")
    pages = [
        ("desk", [], "get", OFFICES),
        ("task", [task.pk], "get", OFFICES),
        ("office_cases", [], "get", (*OFFICES, "monitoring")),
        ("office_case", [case.number], "get", (*OFFICES, "monitoring")),
        ("office_case_map", [case.number], "get", (*OFFICES, "monitoring")),
        ("messages", [], "get", signed_in),
        ("law", [], "get", EVERYBODY),
        ("law_topic", ["penalties"], "get", EVERYBODY),
        ("law_code", ["CAS-01"], "get", EVERYBODY),
    ]
    for name, args, method, allowed in pages:
        for role in EVERYBODY:
            status = _opens(world, case, role, name, args, method)
            turned_away = 401 if name == "office_case_map" else 302
            expected = 200 if role in allowed else turned_away if role == "anonymous" else 403
            assert status == expected, (name, role, status)


def test_acts_are_refused_to_others_and_do_nothing(world, case):
    task = Task.objects.get()
    acts = [("task_decide", [task.pk]), ("task_open_case", [task.pk]), ("task_remind", [task.pk])]
    acts += [("case_act", [case.number, act]) for act in ("notice", "reply", "order", "close", "drop")]
    for name, args in acts:
        for role in ("anonymous", "party", "monitoring", "checkpost"):
            assert _opens(world, case, role, name, args, "post") == (302 if role == "anonymous" else 403), (name, role)
        assert _opens(world, case, "far", name, args, "post") == 404, name
        assert _opens(world, case, "district", name, args, "get") == 405
    task.refresh_from_db()
    case.refresh_from_db()
    assert (task.state, case.state) == ("open", "opened")


@pytest.mark.parametrize(("language", "words"), [("en", "1 event lies here"), ("hi", "1 घटना दोष सहित")])
def test_headquarters_see_what_could_not_be_taken_in_from_devices(client, world, language, words):
    DeadLetter.objects.create(
        reader="gateway.events", position=7, kind="trip.completed", told="{}", error="KeyError: x", failed_at=NOON
    )
    text = _text(_login(client, world, "hq", language).get(reverse("desk")))
    assert words in text and "trip.completed" in text
    assert words not in _text(_login(client, world, "district", language).get(reverse("desk")))


def test_a_task_is_decided_by_the_post_that_it_is_for(client, world):
    """The mining office does not decide the Collector's task; a task that is late reaches the post above."""
    world.tamper(grade="suspect")
    run_triggers(at=NOON)
    task = Task.objects.get()
    decision = {"decision": "done", "note": "देखा"}
    for owner, others in (("collector", ("district", "hq")), ("district", ("collector", "hq"))):
        Task.objects.update(role=owner, escalated_at=None)
        for role in others:
            for name in ("task_decide", "task_open_case", "task_remind"):
                answer = _login(client, world, role).post(reverse(name, args=[task.pk]), decision)
                assert answer.status_code == 403, (owner, role, name)
            page = client.get(reverse("task", args=[task.pk])).content.decode()
            assert set(re.findall(r'name="act" value="(\w+)"', page)) == {"urge"}
    Task.objects.update(role="collector", escalated_at=NOON)
    assert _login(client, world, "district").post(reverse("task_decide", args=[task.pk]), decision).status_code == 403
    task.refresh_from_db()
    assert task.state == "open"
    _login(client, world, "hq").post(reverse("task_decide", args=[task.pk]), decision)
    task.refresh_from_db()
    assert task.state == "done"


def _lane(client, name: str) -> str:
    return client.get(reverse("desk"), {"lane": name}).content.decode()


@pytest.mark.flow
def test_what_another_post_has_says_whose_and_since_when_and_is_reminded_of_once_a_day(client, world, at):
    world.tamper(grade="suspect")
    run_triggers(at=NOON)
    Task.objects.update(role="collector")
    task = Task.objects.get()
    desk = _login(client, world, "district")
    assert f'href="{reverse("task", args=[task.pk])}"' not in _lane(desk, "mine")
    at.set(NOON + timedelta(days=2))
    page = _lane(desk, "office")
    with translation.override("hi"):
        span = wording.span(timedelta(days=2).total_seconds())
    assert f"समाहर्ता की मेज पर, {span} से" in page and 'name="act" value="urge"' in page
    address = reverse("task", args=[task.pk])
    assert desk.post(address, {"act": "urge"}).status_code == 302
    message = Message.objects.get(template="MSG-09")
    assert message.to_kind == "office" and 'value="urge"' not in _lane(desk, "office")
    again = desk.post(address, {"act": "urge"})
    assert again.status_code == 409 and "/law/CAS-30/" in again.content.decode()
    at.set(NOON + timedelta(days=3))
    assert desk.post(address, {"act": "urge"}).status_code == 302
    assert _login(client, world, "collector").post(address, {"act": "urge"}).status_code == 403
    task.refresh_from_db()
    assert (task.state, task.urged_at) == ("open", NOON + timedelta(days=3))


def test_many_of_one_kind_are_one_row_with_one_act(client, world):
    world.tamper(grade="suspect")
    run_triggers(at=NOON)
    first = Task.objects.get()
    fields = {name: getattr(first, name) for name in ("office", "role", "code", "subject_kind", "facts", "due_at")}
    more = [
        Task.objects.create(**fields, subject_id=f"BR08G{n}", opened_at=NOON, act="inspect") for n in range(2000, 2005)
    ]
    Task.objects.filter(pk=first.pk).update(act="inspect")
    desk = _login(client, world, "district")
    page = _lane(desk, "mine")
    assert page.count("data-row") == 1 and page.count('name="task"') == 6
    ticked = {"act": "complete", "note": "सब देखे", "task": [str(task.pk) for task in more]}
    assert desk.post(reverse("tasks_together"), ticked).status_code == 302
    assert {task.note for task in Task.objects.filter(state="done")} == {"सब देखे"}
    assert Task.objects.filter(state="done").count() == 5 and Task.objects.get(state="open") == first
    assert _lane(desk, "done").count("data-row") == 5
    other = _login(client.__class__(), world, "far")
    assert other.post(reverse("tasks_together"), {"act": "complete", "task": [str(first.pk)]}).status_code == 404
    assert desk.post(reverse("tasks_together"), {"act": "dismiss", "task": [str(first.pk)]}).status_code == 400


def test_headquarters_sees_what_went_up_by_district(client, world, at):
    from immis.enforcement.jobs import escalate_tasks

    world.tamper(grade="suspect")
    run_triggers(at=NOON)
    due_at = Task.objects.get().due_at
    at.set(due_at + timedelta(hours=5))
    escalate_tasks(at=due_at)
    hq = _login(client, world, "hq")
    page = hq.get(reverse("desk")).content.decode()  # nothing of its own: what went up
    district = Task.objects.get().office.district
    assert f"?lane=up&amp;district={district}" in page
    assert hq.get(reverse("desk"), {"lane": "up", "district": "Nowhere"}).content.decode().count('class="task"') == 0
    assert hq.get(reverse("desk"), {"lane": "up", "district": district}).content.decode().count('class="task"') == 1
    assert "data-row" not in _lane(hq, "mine")


def test_the_page_of_triggers_counts_what_each_did_and_leads_to_the_form_of_orders(world, case, client):
    page = _login(client, world, "hq", language="en").get(reverse("triggers"), {"q": case.trigger_code})
    assert page.status_code == 200
    assert "in force" in _text(page) and "cases: 1" in _text(page)
    assert reverse("register_new", args=("trigger_modes", "order")) in page.content.decode()
    assert case.trigger_code not in _text(client.get(reverse("triggers"), {"mode": "report"}))
    for role in ("district", "party", "checkpost"):
        assert _login(client, world, role).get(reverse("triggers")).status_code in (302, 403), role


@pytest.mark.parametrize("role", ["checkpost", "monitoring"])
def test_offices_without_a_desk_have_their_messages_in_the_navigation(world, client, role):
    page = _login(client, world, role).get(reverse("home"), follow=True)
    assert f'href="{reverse("messages")}"' in page.content.decode()
