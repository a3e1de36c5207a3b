"""Deliveries, registered texts, wishes, reports and the training phones through their pages (A-09)."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from immis.adapters.sms.port import Report
from immis.core.models import ActionLog
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.messaging import services
from immis.messaging.models import Contact, SmsText, Wish
from immis.messaging.services import Recipient, send
from immis.rules.messages.wishes import message_kinds
from immis.rules.policy import book
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from tests.enforcement import world as made
from tests.enforcement.world import NOON
from tests.messaging.operators import connected, register

pytestmark = pytest.mark.django_db
FACTS = {"ghat": {"en": "Mahuli", "hi": "महुली"}, "amount_rupees": 8_950_500, "district": "Munger"}


@pytest.fixture
def world(db, at):
    at.set(NOON)
    return made.build()


@pytest.fixture
def operators(settings, world):
    with connected(settings) as server:
        yield server


def login(client, world, role):
    client.force_login(world.users[role])
    client.cookies[LANGUAGE_COOKIE] = "en"


def shown(client, address, status=200):
    answer = client.get(address, headers={"accept-language": "en"})
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


def sent(world, phone="9000000001"):
    to = Recipient("party", str(world.settlee.pk), phone=phone)
    row = send("MSG-10", to=to, facts=FACTS, at=NOON).deliveries.get(channel="sms")
    services.deliver_sms(at=NOON)
    return row


def test_the_log_shows_each_sms_with_state_and_reports_to_its_own_district(client, world, operators):
    register("MSG-10")
    row = sent(world)
    login(client, world, "district")
    page = shown(client, "/office/deliveries/?channel=sms&state=sent")
    assert "…0001" in page and "9000000001" not in page
    row.refresh_from_db()
    services.note_report(Report(row.gateway_id, "delivered", words="DELIVRD"), vendor="cdac", at=NOON)
    one = shown(client, f"/office/deliveries/{row.pk}/")
    assert row.text in one and "DELIVRD" in one and row.gateway_id in one
    assert shown(client, "/office/deliveries/?state=refused").count("<tr") == 0
    login(client, world, "party")
    assert client.get("/office/deliveries/").status_code == 403


def test_headquarters_takes_the_proposal_along_and_takes_the_registered_texts_in(client, world):
    login(client, world, "hq")
    rows = list(
        csv.DictReader(io.StringIO(client.get("/office/sms-texts/lacking/?format=csv").content.decode("utf-8-sig")))
    )
    assert {"template", "lang", "number", "header", "category", "text", "reason"} == set(rows[0])
    filled = [{**row, "number": f"11071{n}", "header": "BHMINE"} for n, row in enumerate(rows)]
    filled[0]["text"] += "."
    filled[1]["header"] = "BHMINE-G"
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(filled)
    file = SimpleUploadedFile("texts.csv", out.getvalue().encode(), "text/csv")
    answer = client.post("/office/sms-texts/import/", {"file": file})
    page = answer.content.decode()
    assert answer.status_code == 422 and page.count("<li><b>") == 2 and "<b>2</b>" in page and "<b>3</b>" in page
    assert SmsText.objects.count() == len(rows) - 2
    kept = ActionLog.objects.get(code="sms_text.imported").facts
    assert (kept["taken"], kept["refused"], len(kept["sha256"])) == (len(rows) - 2, 2, 64)
    assert len(list(csv.reader(io.StringIO(client.get("/office/sms-texts/lacking/?format=csv").content.decode())))) == 3
    login(client, world, "district")
    assert client.get("/office/sms-texts/").status_code == 403


def test_a_text_is_entered_by_form_and_refused_where_it_differs(client, world):
    login(client, world, "hq")
    text = "{#alphanumeric#} के लिए नियम {#alphanumeric#} की रोक समाप्त हुई। - IMMIS"
    form = {"act": "register", "template": "MSG-04", "lang": "hi", "number": "11071", "header": "BHMINE"}
    form |= {"category": "service_implicit"}
    refused = client.post("/office/sms-texts/new/", {**form, "text": text.replace("रोक", "रोंक")})
    assert "DLT-07" in refused.content.decode() and not SmsText.objects.exists()
    old = client.post("/office/sms-texts/new/", {**form, "text": text.replace("alphanumeric", "var")})
    assert "DLT-01" in old.content.decode()
    assert client.post("/office/sms-texts/new/", {**form, "text": text}).status_code == 302
    row = SmsText.objects.get()
    assert text.replace("{", "{").split("{")[0] in shown(client, f"/office/sms-texts/{row.pk}/")
    assert "DLT-08" not in shown(client, "/office/sms-texts/") and "IMMIS_SMS_URL" in shown(
        client, "/office/sms-texts/"
    )


def test_a_dead_number_is_a_task_of_the_district_and_is_brought_back_on_its_page(client, world, operators):
    register("MSG-10")
    for _ in range(3):
        row = sent(world, phone="9000000000")
        row.refresh_from_db()
        services.note_report(Report(row.gateway_id, "undelivered"), vendor="cdac", at=NOON)
    run_triggers(at=NOON)
    contact = Contact.objects.get()
    task = Task.objects.get(code="TRG-160")
    assert (task.subject_id, task.office.district) == (str(contact.pk), "Munger")
    login(client, world, "district")
    assert f"/office/contacts/{contact.pk}/" in shown(client, f"/office/tasks/{task.pk}/")
    client.post(f"/office/contacts/{contact.pk}/", {"act": "revive", "reason": "The settlee recharged it"})
    run_triggers(at=NOON)
    task.refresh_from_db()
    contact.refresh_from_db()
    assert (contact.dead_at, task.state) == (None, "done")


def test_a_settlee_chooses_how_to_be_told(client, world):
    login(client, world, "party")
    assert client.post("/messages/wish/", {"sms": "no", "lang": "en"}).status_code == 302
    wish = Wish.objects.get()
    assert (wish.sms, wish.lang, wish.to_id) == (False, "en", str(world.settlee.pk))
    assert client.post("/messages/wish/", {"sms": "perhaps", "lang": "en"}).status_code == 422


@pytest.mark.flow
def test_a_kind_of_messages_is_switched_off_but_not_what_the_law_sends(client, world):
    login(client, world, "party")
    page = shown(client, "/messages/wish/")
    assert 'value="auctions:email"' in page and 'value="orders:email"' not in page
    assert "Only correspondence by e-mail is recognised" in page
    kept = client.post("/messages/wish/", {"sms": "yes", "lang": "en", "off": ["auctions:email", "orders:sms"]})
    assert kept.status_code == 302 and 'value="auctions:email" checked' in shown(client, "/messages/wish/")
    to = Recipient("party", str(world.settlee.pk), email="settlee@example.invalid", phone="9000000001")

    def goes_out(template: str) -> dict[str, tuple[str, str]]:
        rows = send(template, to=to, facts=FACTS, at=NOON).deliveries.all()
        return {row.channel: (row.state, row.code) for row in rows}

    assert goes_out("MSG-10")["email"] == ("refused", "SMS-07")
    assert goes_out("MSG-82")["email"] == ("queued", "")
    assert goes_out("MSG-01")["email"] == ("queued", "") and goes_out("MSG-10")["portal"][0] == "sent"
    refused = client.post("/messages/wish/", {"sms": "yes", "lang": "en", "off": ["orders:email"]})
    assert refused.status_code == 409 and "SMS-08" in refused.content.decode()


def test_every_message_to_a_party_is_of_a_kind_that_its_reader_knows():
    kinds = [code for kind in message_kinds(book(), NOON) for code in kind.codes]
    to_others = {"MSG-08", "MSG-09", "MSG-141", "MSG-194", "MSG-295", "MSG-296"}  # offices, and the driver of a pass
    known = {code for code in book().entries if code.startswith("MSG-")}
    assert len(kinds) == len(set(kinds)) and known - set(kinds) == to_others


def test_a_gateway_that_calls_needs_the_key_and_its_report_counts_once(client, world, operators, settings):
    register("MSG-10")
    row = sent(world)
    row.refresh_from_db()
    body = {"requestid": row.gateway_id, "status": "DELIVRD"}
    assert client.post("/sms/reports/own-key/", body).status_code == 404
    settings.SMS_REPORT_KEY = "own-key"
    assert client.post("/sms/reports/other/", body).status_code == 404
    assert client.post("/sms/reports/own-key/", {"status": "DELIVRD"}).status_code == 400
    for _ in range(2):
        assert client.post("/sms/reports/own-key/", body).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.reports.count()) == ("delivered", 1)


def test_the_training_phones_show_every_sms_and_stand_nowhere_else(client, world, operators, settings):
    register("MSG-160")
    services.send_code(phone="9000000001", purpose="sign-in", network="10.0.0.1", at=NOON)
    services.deliver_sms(at=NOON)
    settings.DEMO = False
    assert client.get("/training/phones/").status_code == 404
    settings.DEMO = True
    page = shown(client, "/training/phones/")
    assert operators.exchange.shown()[0]["text"] in page and "BHMINE-G" in page
