"""Messages: at once on the portal, by e-mail through the worker, failures kept and tried again (E-062, A-19)."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail

from immis.core.access.permissions import PUBLIC, Actor
from immis.core.errors import NotFound
from immis.core.models import OutboxEvent
from immis.messaging import selectors
from immis.messaging.jobs import deliver
from immis.messaging.models import Contact, Delivery, Message
from immis.messaging.services import Recipient, mark_read, send
from immis.rules.policy import PolicyError

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 5, 7, 30, tzinfo=UTC)
WON = {"ghat": {"en": "Mahuli", "hi": "महुली"}, "amount_rupees": 8_950_500}
TO = Recipient("party", "7", email="bidder@example.org", phone="9000000001")
BIDDER = Actor(role="party", user_id=3, party_id=7)


def _send(**more):
    return send("MSG-10", to=TO, facts=WON, at=AT, **more)


def test_each_channel_has_its_own_state():
    _send()
    states = dict(Delivery.objects.values_list("channel", "state"))
    assert states == {"portal": "sent", "email": "queued", "sms": "no_service"}


def test_without_addresses_only_the_portal():
    send("MSG-10", to=Recipient("party", "7"), facts=WON, at=AT)
    assert Delivery.objects.get().channel == "portal"


def test_a_key_sends_once():
    assert _send(key="lot.closed:1") == _send(key="lot.closed:1")
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 3)


def test_a_template_without_words_is_refused():
    with pytest.raises(PolicyError):
        send("TRG-06-NO", to=TO, facts={}, at=AT)
    with pytest.raises(PolicyError):
        send("PEN-01", to=TO, facts={}, at=AT)


def test_email_says_it_in_both_languages_with_the_clause():
    _send()
    assert deliver(at=AT) == 1
    sent = mail.outbox[0]
    assert sent.to == ["bidder@example.org"]
    assert "महुली के लिए आपकी ₹ 89,50,500 की बोली उच्चतम है" in sent.body
    assert "Your bid of ₹ 89,50,500 for Mahuli is the highest" in sent.body
    assert "Munger tender 2026, clause 13" in sent.body
    assert deliver(at=AT) == 0 and len(mail.outbox) == 1


def test_a_failed_email_is_kept_and_tried_again_later_each_time(settings):
    settings.EMAIL_BACKEND = "tests.messaging.broken_mail.EmailBackend"
    _send()
    assert deliver(at=AT) == 0
    email = Delivery.objects.get(channel="email")
    assert (email.state, email.attempts, email.next_try_at) == ("failed", 1, AT + timedelta(minutes=1))
    assert "the mail service is away" in email.error
    deliver(at=AT + timedelta(seconds=59))
    email.refresh_from_db()
    assert email.attempts == 1
    deliver(at=AT + timedelta(minutes=1))
    email.refresh_from_db()
    assert (email.attempts, email.next_try_at) == (2, AT + timedelta(minutes=3))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert deliver(at=AT + timedelta(minutes=3)) == 1
    email.refresh_from_db()
    assert (email.state, email.error, email.attempts) == ("sent", "", 3)


def test_one_dead_address_does_not_hold_up_the_others(settings):
    settings.EMAIL_BACKEND = "tests.messaging.broken_mail.EmailBackend"
    _send()
    send("MSG-10", to=Recipient("party", "8", email="good@example.org"), facts=WON, at=AT)
    assert deliver(at=AT) == 1
    assert dict(Delivery.objects.filter(channel="email").values_list("address", "state")) == {
        "bidder@example.org": "failed",
        "good@example.org": "sent",
    }


def test_an_inbox_is_ones_own():
    message = _send()
    other = Actor(role="party", user_id=4, party_id=8)
    office = Actor(role="district", user_id=5, office_id=7, district="Munger")
    assert list(selectors.inbox(BIDDER)) == [message]
    for viewer in (other, office, PUBLIC):
        assert not selectors.inbox(viewer).exists()
        with pytest.raises(NotFound):
            selectors.message_of(viewer, message.pk)


def test_the_first_reading_is_kept():
    message = _send()
    assert selectors.unread_count(BIDDER) == 1
    mark_read(message, by=BIDDER, at=AT)
    mark_read(message, by=BIDDER, at=AT + timedelta(days=1))
    message.refresh_from_db()
    assert (message.read_at, message.read_by, selectors.unread_count(BIDDER)) == (AT, 3, 0)


def test_an_address_that_the_mail_service_refuses_for_good_has_bounced(monkeypatch):
    def refuse(letter, *args, **kwargs):
        raise SMTPRecipientsRefused({letter.to[0]: (code, b"no such user")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    code = 450  # full for the time being
    _send()
    assert deliver(at=AT) == 0 and Delivery.objects.get(channel="email").state == "failed"
    code = 550
    assert deliver(at=AT + timedelta(minutes=1)) == 0
    email, contact = Delivery.objects.get(channel="email"), Contact.objects.get()
    assert (email.state, email.next_try_at, contact.why) == ("undelivered", None, "refused")
    assert OutboxEvent.objects.get(kind="contact.dead").facts["ending"] == "b…@example.org"
    monkeypatch.undo()
    again = _send()
    deliver(at=AT + timedelta(hours=1))
    assert again.deliveries.get(channel="email").code == "SMS-03" and not mail.outbox
