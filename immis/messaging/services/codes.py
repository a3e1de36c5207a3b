"""Codes that prove a phone: sent by SMS, taken once; the code itself is kept nowhere."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from immis.core.access.throttling import take
from immis.core.errors import Refusal
from immis.messaging.gateways import sms_vendor
from immis.messaging.models import PhoneCode
from immis.messaging.selectors import registered_text
from immis.messaging.services.sending import Recipient, send
from immis.rules.catalogue import Finding, find
from immis.rules.messages.codes import CodeFacts
from immis.rules.policy import book

TEMPLATE = "MSG-160"


def send_code(*, phone: str, purpose: str, network: str, at: datetime, lang: str = "hi") -> PhoneCode:
    """Send a code by SMS to a phone (ten digits), for a purpose that the caller names; it holds by OTP-02.

    ``network`` is who asks (``client_network``). Raises Refusal: OTP-01 asked too often, OTP-03 no SMS service, or the
    text of the code is not registered. Call outside a transaction, so that a refused try counts.
    """
    if not sms_vendor() or registered_text(TEMPLATE, lang) is None:
        raise Refusal(Finding("OTP-03", {}))
    terms = book().value("OTP-01", at)
    limits = {f"code:{phone}": int(terms["per_number"]), f"code-network:{network}": int(terms["per_network"])}
    if not take(limits, within=timedelta(minutes=int(terms["within_minutes"])), at=at):
        raise Refusal(Finding("OTP-01", {"most": terms["per_number"]}))
    with transaction.atomic():
        row = PhoneCode.objects.create(phone=phone, purpose=purpose, nonce=secrets.token_hex(16), sent_at=at)
        facts = {"phone_code": row.pk, "minutes": book().value("OTP-02", at)["minutes"]}
        send(TEMPLATE, to=Recipient("phone", phone, phone=phone, lang=lang), facts=facts, at=at)
    return row


def check_code(*, phone: str, purpose: str, code: str, at: datetime) -> None:
    """Take the code that was sent last to a phone for a purpose.

    Raises Refusal (OTP-02): none waits, too late, too many tries, another code. A wrong try is counted, so call it
    outside a transaction.
    """
    if findings := _tried(phone, purpose, code, at):
        raise Refusal(findings)


@transaction.atomic
def _tried(phone: str, purpose: str, code: str, at: datetime) -> list[Finding]:
    """Count a try of a code, and take the code where it is the one; answers why it is not."""
    rows = PhoneCode.objects.select_for_update().filter(phone=phone, purpose=purpose)
    row = rows.order_by("-sent_at", "-pk").first()
    if row is None:
        return find("code.check", CodeFacts(), policy=book(), at=at)
    is_same = hmac.compare_digest(code_of(row, at=at).encode(), code.strip().encode())
    facts = CodeFacts(sent_at=row.sent_at, tries=row.tries, is_used=row.used_at is not None, is_same=is_same)
    findings = find("code.check", facts, policy=book(), at=at)
    row.tries += 1
    if not findings:
        row.used_at = at
    row.save()
    return findings


def code_of(row: PhoneCode, *, at: datetime) -> str:
    """The code of a row: digits that only our secret can find again."""
    said = f"{row.pk}:{row.phone}:{row.purpose}:{row.nonce}".encode()
    number = int.from_bytes(hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).digest(), "big")
    digits = int(book().value("OTP-02", at)["digits"])
    return f"{number % 10**digits:0{digits}d}"
