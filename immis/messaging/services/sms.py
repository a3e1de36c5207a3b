"""SMS: out of the queue to the gateway once, each state kept before and after, never a second time.

What is handed over is first kept as ``sending`` in a transaction of its own. Whoever finds it so when its time is
over knows that it may have gone out: it becomes ``unknown`` and is not sent again.
"""

import logging
from datetime import datetime, timedelta

from django.db import close_old_connections, transaction

from immis import clock
from immis.adapters.sms.port import Answer, Report, Sms
from immis.core.access.throttling import take
from immis.core.errors import Refusal
from immis.messaging.gateways import sms_gateway, sms_vendor
from immis.messaging.models import Delivery, PhoneCode
from immis.messaging.selectors import due_sms, is_dead, registered_text, wish_of
from immis.messaging.services.codes import code_of
from immis.messaging.services.contacts import note_missed, note_refused_text
from immis.messaging.services.sms_reports import match_reports, note_report
from immis.messaging.texts import sms_text
from immis.rules.catalogue import Finding, find
from immis.rules.messages.registration import SmsFacts
from immis.rules.messages.sending import goes_forward, may_go_at
from immis.rules.messages.templates import is_gsm
from immis.rules.policy import book

log = logging.getLogger(__name__)
_BATCH = 20
_HANDING_OVER = timedelta(minutes=5)
_FIRST_RETRY, _LAST_RETRY = timedelta(minutes=1), timedelta(hours=1)
_HIDDEN = "••••••"


def deliver_sms(*, at: datetime) -> int:
    """Hand the SMS whose turn it is to the gateway; answers how many left the queue.

    Call outside a transaction: a slow gateway must not hold the database's lock.
    """
    if not sms_vendor():
        return 0
    gateway = sms_gateway()
    gateway.open(keep_news)
    lost = note_lost(at=at)
    batch = claim_sms(at=at, limit=_BATCH)
    rows = {str(row.pk): row for row, _sms in batch}
    for answer in gateway.send([sms for _row, sms in batch]) if batch else ():
        note_answer(rows[answer.reference].pk, answer, at=at)
    return lost + len(batch)


@transaction.atomic
def note_lost(*, at: datetime) -> int:
    """What was being handed over when a process died may have gone out: it is not sent again."""
    rows = Delivery.objects.filter(channel="sms", state="sending", next_try_at__lte=at)
    return rows.update(state="unknown", error="the process ended while it was handed over", next_try_at=None)


@transaction.atomic
def claim_sms(*, at: datetime, limit: int) -> list[tuple[Delivery, Sms]]:
    """Take SMS whose turn it is, each worded and checked against its registered text; the others keep their reason."""
    ready = []
    for row in due_sms(at=at, limit=limit):
        try:
            if sms := _prepared(row, at):
                ready.append((row, sms))
        except Refusal as refusal:
            _refuse(row, refusal.findings[0], at)
    return ready


def _prepared(row: Delivery, at: datetime) -> Sms | None:
    """An SMS as it is handed over, its row kept as such; None where it waits. Raises Refusal."""
    if is_dead("sms", row.address):
        raise Refusal(Finding("SMS-03", {}))
    if later := _later(row, at):
        row.next_try_at = later
        row.save()
        return None
    return _worded(row, at)


def _later(row: Delivery, at: datetime) -> datetime | None:
    """When an SMS may go out, where it may not now: quiet hours, and the limits of a number and of the gateway."""
    begins_at = may_go_at(row.message.template, at, book())
    if begins_at > at:
        return begins_at
    terms = book().value("SMS-01", at)
    if not take({"sms-gateway": int(terms["per_second"])}, within=timedelta(seconds=1), at=at):
        return at + timedelta(seconds=1)
    a_day = timedelta(days=1)
    fits = take({f"sms:{row.address}": int(terms["per_number_a_day"])}, within=a_day, at=at)
    return None if fits else at + a_day


def _worded(row: Delivery, at: datetime) -> Sms:
    """The text of an SMS, checked to the letter. Raises Refusal (DLT-08, DLT-09, SMS-05)."""
    message, policy = row.message, book()
    text = _text(row, at)
    registered = registered_text(message.template, row.lang)
    facts = SmsFacts(message.template, row.lang, text, registered.text if registered else "")
    findings = find("sms.send", facts, policy=policy, at=at)
    if findings or registered is None:
        raise Refusal(findings or Finding("DLT-08", {"template": message.template, "lang": row.lang}))
    if registered.category in policy.value("SMS-05", at)["consent_needed"] and not _agreed(row):
        raise Refusal(Finding("SMS-05", {}))
    row.registered, row.text, row.state = registered, _kept(row, text, at), "sending"
    row.attempts, row.next_try_at, row.vendor = row.attempts + 1, at + _HANDING_OVER, sms_vendor()
    row.save()
    return Sms(str(row.pk), row.address, text, registered.header, registered.number, is_latin=is_gsm(text))


def _agreed(row: Delivery) -> bool:
    wish = wish_of(row.message.to_kind, row.message.to_id)
    return wish is not None and bool(wish.sms)


def _text(row: Delivery, at: datetime) -> str:
    facts, most = dict(row.message.facts), int(book().value("DLT-09", at))
    if code := _code(row, at):
        facts["code"] = code
    return sms_text(row.message.template, facts, row.lang, most=most)


def _code(row: Delivery, at: datetime) -> str:
    """The code that an SMS brings, where it brings one: worked out for its moment, kept nowhere."""
    pk = row.message.facts.get("phone_code")
    return code_of(PhoneCode.objects.get(pk=pk), at=at) if pk else ""


def _kept(row: Delivery, text: str, at: datetime) -> str:
    """The text as the record keeps it: of a code only that there was one."""
    code = _code(row, at)
    return text.replace(code, _HIDDEN) if code else text


def shown_text(row: Delivery, *, at: datetime) -> str:
    """The text of an SMS as its phone shows it, code and all; for the training installation only."""
    return row.text.replace(_HIDDEN, _code(row, at))


def _refuse(row: Delivery, finding: Finding, at: datetime) -> None:
    row.state, row.code, row.next_try_at = "refused", finding.code, None
    row.save()
    note_refused_text(row, at=at)


@transaction.atomic
def note_answer(pk: int, answer: Answer, *, at: datetime) -> None:
    """Keep what the gateway answered for one SMS; an answer that would lead back changes nothing."""
    row = Delivery.objects.select_for_update().select_related("message").get(pk=pk)
    verdicts = {"accepted": "sent", "refused": "refused", "unknown": "unknown", "not_sent": "queued"}
    state, terms = verdicts[answer.verdict], book().value("SMS-01", at)
    if state == "queued" and row.attempts >= int(terms["tries"]):
        state = "failed"
    if not goes_forward(row.state, state):
        return
    row.state, row.code, row.error = state, answer.code, answer.words[:300]
    row.gateway_id = answer.gateway_id or row.gateway_id
    row.next_try_at = _next_step(row, at)
    row.sent_at = at if state == "sent" else row.sent_at
    row.save()
    if state == "sent":
        match_reports(row, at=at)
    elif state == "refused" and answer.code in book().value("SMS-03", at)["dead_codes"]:
        note_missed(row, at=at, for_good=True)
    note_refused_text(row, at=at)


def keep_news(news: Report | Answer) -> None:
    """Keep what a gateway tells by itself, in the thread of its line; an exception lets it be told again."""
    close_old_connections()
    if isinstance(news, Report):
        note_report(news, vendor=sms_vendor(), at=clock.now())
    else:
        note_answer(int(news.reference), news, at=clock.now())


def _next_step(row: Delivery, at: datetime) -> datetime | None:
    """When an SMS is looked at again: to be tried once more, or to ask what became of it."""
    if row.state == "queued":
        return at + min(_FIRST_RETRY * 2 ** (row.attempts - 1), _LAST_RETRY)
    if row.state in ("sent", "unknown") and row.gateway_id:
        return at + timedelta(minutes=int(book().value("SMS-06", at)["first_minutes"]))
    return None
