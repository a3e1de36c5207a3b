"""SMS through the operators: to the letter, once, with reports; what may have arrived goes out once (A-09)."""

from datetime import timedelta

import httpx
import pytest
from django.db import DatabaseError, transaction

from immis.adapters.sms import over_http
from immis.adapters.sms.port import Report
from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import OutboxEvent
from immis.messaging import jobs, selectors, services
from immis.messaging.models import Contact, Delivery, DeliveryReport, PhoneCode
from immis.messaging.services import Recipient, send
from immis.messaging.services.codes import code_of
from immis.messaging.texts import sms_proposed, sms_templates
from immis.rules.catalogue import find
from immis.rules.messages.registration import RegistrationFacts
from immis.rules.policy import book
from tests.messaging.operators import AT, HQ, connected, register

pytestmark = pytest.mark.django_db
WON = {"ghat": {"en": "Mahuli", "hi": "महुली"}, "amount_rupees": 8_950_500, "district": "Munger"}
TO = Recipient("party", "7", phone="9000000001")
SETTLEE = Actor(role="party", user_id=3, party_id=7)
MDO = Actor(role="district", user_id=5, office_id=7, district="Munger")
IN_HINDI = "महुली के लिए आपकी ₹ 89,50,500 की बोली उच्चतम है। प्रतिभूति राशि समय पर जमा करें। - IMMIS"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def operators(settings):
    with connected(settings) as server:
        register("MSG-10")
        yield server


def sms(to=TO, template="MSG-10", facts=WON, at=AT):
    """A message goes out, the worker takes it up; its SMS as it stands then."""
    message = send(template, to=to, facts=facts, at=at)
    services.deliver_sms(at=at)
    return message.deliveries.get(channel="sms")


def texts(operators):
    return [row["text"] for row in operators.exchange.shown()]


def test_an_sms_goes_out_to_the_letter_and_its_report_is_kept(operators):
    row = sms()
    assert (row.state, row.attempts, row.registered.header) == ("sent", 1, "BHMINE") and row.gateway_id
    assert texts(operators) == [IN_HINDI] == [row.text]
    assert services.ask_reports(at=AT) == 0  # not before its time
    assert services.ask_reports(at=AT + MINUTE) == 1
    row.refresh_from_db()
    assert (row.state, row.code, row.next_try_at) == ("delivered", "DELIVERED", None) and row.reported_at
    assert services.ask_reports(at=AT + timedelta(days=1)) == 0


def test_without_a_registered_text_nothing_goes_out(operators):
    services.end_text(sms_text=selectors.registered_text("MSG-10", "hi"), reason="inactive", by=HQ, at=AT)
    row = sms()
    assert (row.state, row.code) == ("refused", "DLT-08") and not texts(operators)
    assert OutboxEvent.objects.get(kind="sms_text.refused").facts["why"] == "DLT-08"


@pytest.mark.flow
def test_what_the_operators_find_wrong_with_a_text_is_told_and_speaks_against_no_number(operators):
    row = sms()
    services.note_report(Report(row.gateway_id, "undelivered", code="633"), vendor="cdac", at=AT)
    assert OutboxEvent.objects.get(kind="sms_text.refused").facts["why"] == "633"
    assert not Contact.objects.exists()


@pytest.mark.flow
def test_a_text_that_is_not_the_registered_one_is_not_sent(operators):
    standing = selectors.registered_text("MSG-10", "hi")
    type(standing).objects.filter(pk=standing.pk).update(text=standing.text.replace("IMMIS", "BMMIS"))
    row = sms()
    assert (row.state, row.code) == ("refused", "DLT-09") and not texts(operators)


def test_what_may_have_arrived_is_never_sent_again(operators, monkeypatch):
    monkeypatch.setattr(over_http, "TIMEOUT", httpx.Timeout(0.3))
    operators.exchange.mood = "silent"
    row = sms()
    assert row.state == "unknown" and len(texts(operators)) == 1
    operators.exchange.mood = "well"
    for days in (1, 2, 30):
        services.deliver_sms(at=AT + timedelta(days=days))
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("unknown", 1) and len(texts(operators)) == 1
    for back in ("queued", "sending", "failed"):
        with pytest.raises(DatabaseError), transaction.atomic():
            Delivery.objects.filter(pk=row.pk).update(state=back)


def test_what_was_being_handed_over_when_the_worker_died_is_never_sent_again(operators):
    row = send("MSG-10", to=TO, facts=WON, at=AT).deliveries.get(channel="sms")
    assert [each.pk for each, _sms in services.sms.claim_sms(at=AT, limit=5)] == [row.pk]
    services.deliver_sms(at=AT + MINUTE)
    assert Delivery.objects.get(pk=row.pk).state == "sending"
    services.deliver_sms(at=AT + 6 * MINUTE)
    row.refresh_from_db()
    assert row.state == "unknown" and not texts(operators)


def test_what_surely_did_not_go_out_is_tried_again(operators):
    operators.exchange.mood = "down"
    row = sms()
    assert (row.state, row.attempts, row.next_try_at) == ("queued", 1, AT + MINUTE) and not texts(operators)
    operators.exchange.mood = "well"
    services.deliver_sms(at=AT + MINUTE)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 2) and len(texts(operators)) == 1


def test_reports_move_an_sms_only_forward_and_count_once(operators):
    row = sms()
    told = {"vendor": "cdac", "at": AT}
    assert services.note_report(Report(row.gateway_id, "waiting"), **told)
    assert services.note_report(Report(row.gateway_id, "delivered"), **told)
    assert not services.note_report(Report(row.gateway_id, "delivered"), **told)
    assert services.note_report(Report(row.gateway_id, "undelivered", code="027"), **told)  # kept, and changes nothing
    row.refresh_from_db()
    assert row.state == "delivered"
    assert [report.state for report in row.reports.all()] == ["waiting", "delivered", "undelivered"]


def test_a_report_that_comes_before_the_gateways_answer_is_kept_for_it(operators):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operators.exchange, "_dice", type("Fixed", (), {"getrandbits": lambda self, n: 7})())
        early = Report(f"{7:018d}immis", "delivered")
        services.note_report(early, vendor="cdac", at=AT)
        assert DeliveryReport.objects.get().delivery_id is None
        row = sms()
    assert (row.state, row.reports.count()) == ("delivered", 1)


@pytest.mark.flow
def test_a_dead_number_lands_on_a_desk_and_gets_nothing_until_an_officer_brings_it_back(operators):
    dead = Recipient("party", "7", phone="9000000000")
    for hour in range(3):
        at = AT + timedelta(hours=hour / 10)
        sms(dead, at=at)
        services.ask_reports(at=at + MINUTE)
    contact = Contact.objects.get(address=dead.phone)
    assert (contact.misses, contact.why, contact.district) == (3, "often", "Munger") and contact.dead_at
    news = OutboxEvent.objects.get(kind="contact.dead")
    assert news.facts["ending"] == "…0000" and dead.phone not in str(news.facts)
    assert sms(dead).code == "SMS-03"
    with pytest.raises(NotPermitted):
        elsewhere = Actor(role="district", user_id=6, office_id=8, district="Patna")
        services.revive_contact(contact=contact, reason="x", by=elsewhere, at=AT)
    services.revive_contact(contact=contact, reason="Recharged", by=MDO, at=AT)
    assert OutboxEvent.objects.filter(kind="contact.alive").exists() and sms(dead).state == "sent"
    with pytest.raises(Refusal, match="SMS-04"):
        services.revive_contact(contact=contact, reason="again", by=MDO, at=AT)


def test_at_night_only_urgent_sms_go_out(operators):
    register("MSG-04")
    night = AT.replace(hour=18)  # 23:30 in India
    assert sms(at=night).next_try_at == AT.replace(day=6, hour=1, minute=30)
    stop = sms(template="MSG-04", facts={**WON, "rule_code": "HLD-01"}, at=night)
    assert stop.state == "sent" and len(texts(operators)) == 1


def test_a_number_gets_so_many_sms_a_day(operators):
    for number in range(31):
        row = sms(at=AT + timedelta(seconds=2 * number))
    assert (row.state, len(texts(operators))) == ("queued", 30)
    assert row.next_try_at == AT + timedelta(seconds=60, days=1)


def test_the_reader_chooses_sms_and_language(operators):
    services.note_wish(sms=True, lang="en", by=SETTLEE, at=AT)
    assert sms().text == "Your bid of Rs 89,50,500 for Mahuli is the highest. Deposit the security in time. - IMMIS"
    services.note_wish(sms=False, lang="en", by=SETTLEE, at=AT)
    row = sms()
    assert (row.state, row.code) == ("refused", "SMS-05") and len(texts(operators)) == 1


def test_a_name_longer_than_a_variable_holds_is_cut(operators):
    row = sms(facts={**WON, "ghat": {"hi": "म" * 60, "en": "M" * 60}})
    assert row.state == "sent" and "म" * 40 in row.text and "म" * 41 not in row.text


@pytest.mark.flow
def test_a_code_proves_a_phone_once_and_is_kept_nowhere(operators):
    with pytest.raises(Refusal, match="OTP-03"):  # its text is not registered yet
        services.send_code(phone="9000000001", purpose="sign-in", network="10.0.0.1", at=AT)
    register("MSG-160")
    asked = {"phone": "9000000001", "purpose": "sign-in"}
    row = services.send_code(**asked, network="10.0.0.1", at=AT)
    services.deliver_sms(at=AT)
    code = code_of(row, at=AT)
    assert len(code) == 6 and code in texts(operators)[0]
    kept = Delivery.objects.get(message__template="MSG-160")
    assert code not in kept.text and "••••••" in kept.text and code not in str(kept.message.facts)
    assert jobs.forget_codes(at=AT + timedelta(days=29)) == 0
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    with pytest.raises(Refusal, match="OTP-02"):
        services.check_code(**asked, code=wrong, at=AT)
    with pytest.raises(Refusal):
        services.check_code(phone=row.phone, purpose="other", code=code, at=AT)
    services.check_code(**asked, code=code, at=AT + 9 * MINUTE)
    with pytest.raises(Refusal):
        services.check_code(**asked, code=code, at=AT + 9 * MINUTE)
    assert PhoneCode.objects.get(pk=row.pk).tries == 3
    services.ask_reports(at=AT + MINUTE)
    assert jobs.forget_codes(at=AT + timedelta(days=31)) == 1 and not Delivery.objects.exists()


@pytest.mark.flow
def test_codes_are_few_for_a_number_and_for_a_network_and_end_by_tries_and_time(operators):
    register("MSG-160")
    asked = {"phone": "9000000001", "purpose": "sign-in"}
    for _ in range(3):
        row = services.send_code(**asked, network="10.0.0.1", at=AT)
    with pytest.raises(Refusal, match="OTP-01"):
        services.send_code(**asked, network="10.0.0.2", at=AT)
    code = code_of(row, at=AT)
    with pytest.raises(Refusal):
        services.check_code(**asked, code=code, at=AT + 11 * MINUTE)
    for _ in range(5):
        with pytest.raises(Refusal):
            services.check_code(**asked, code="x", at=AT)
    with pytest.raises(Refusal):
        services.check_code(**asked, code=code, at=AT)


def test_every_message_that_goes_by_sms_can_be_registered_as_it_is_proposed():
    for template in sms_templates():
        for lang in ("en", "hi"):
            text = sms_proposed(template, lang)
            facts = RegistrationFacts(
                template=template, lang=lang, text=text, header="BHMINE", category="service_implicit",
                number="1107170000000000000", proposed=text,
            )  # fmt: skip
            found = [finding.code for finding in find("dlt.register", facts, policy=book(), at=AT)]
            assert not found, f"{template} in {lang}: {found}"
