"""Texts registered with the operators (DLT): entered one by one or from a file, replaced, ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.messaging.models import SmsText
from immis.messaging.texts import sms_proposed, sms_templates
from immis.rules.catalogue import Finding, find
from immis.rules.messages.registration import EndingFacts, RegistrationFacts
from immis.rules.policy import book


@dataclass(frozen=True)
class NewText:
    """A text as it was registered: for which message and language, by which number, header and category."""

    template: str
    lang: str
    number: str
    header: str
    category: str
    text: str
    reason: str = ""


#: The columns of a file of registered texts.
COLUMNS = ("template", "lang", "number", "header", "category", "text", "reason")


@dataclass(frozen=True)
class Misfit:
    """A row of a file that is not taken: its number as a reader counts, and why."""

    row: int
    findings: Sequence[Finding]


def _checked(new: NewText, at: datetime) -> None:
    """Raises NotFound for a message that goes by no SMS, Refusal with every finding of the rules of registration."""
    if new.template not in sms_templates() or new.lang not in ("en", "hi"):
        raise NotFound(f"{new.template} ({new.lang}) is no message that goes by SMS")
    facts = RegistrationFacts(
        template=new.template,
        lang=new.lang,
        text=new.text,
        header=new.header,
        category=new.category,
        number=new.number,
        proposed=sms_proposed(new.template, new.lang),
        reason=new.reason,
    )
    if findings := find("dlt.register", facts, policy=book(), at=at):
        raise Refusal(findings)


@transaction.atomic
def register_text(*, new: NewText, by: Actor, at: datetime) -> SmsText:
    """Enter a text that the operators have registered; the one before in its language ends.

    Raises NotPermitted, NotFound for a message that goes by no SMS, Refusal (DLT-01 to DLT-07).
    """
    require_grant(by, "sms_text.register")
    _checked(new, at)
    return _keep(new, by, at)


def _keep(new: NewText, by: Actor, at: datetime) -> SmsText:
    known = SmsText.objects.select_for_update().filter(template=new.template, lang=new.lang, ended_at__isnull=True)
    before = known.first()
    if before is not None and _same(before, new):
        return before
    if before is not None:
        before.ended_at, before.ended_by, before.ended_why = at, by.user_id, f"replaced by {new.number}"
        before.save()
    row = SmsText.objects.create(**new.__dict__, entered_at=at, entered_by=by.user_id)
    facts = {"before": _facts(before) if before else {}, "after": _facts(row)}
    log_action("sms_text.registered", subject=("sms_text", str(row.pk)), by=by, at=at, facts=facts)
    return row


def _facts(row: SmsText) -> dict[str, str]:
    return {name: getattr(row, name) for name in COLUMNS}


def _same(row: SmsText, new: NewText) -> bool:
    return all(getattr(row, name) == getattr(new, name) for name in COLUMNS)


@transaction.atomic
def end_text(*, sms_text: SmsText, reason: str, by: Actor, at: datetime) -> SmsText:
    """A registered text holds no longer (inactive, blacklisted); its message goes by no SMS until another is entered.

    Raises NotPermitted, Refusal (DLT-11) for one that has ended.
    """
    require_grant(by, "sms_text.end")
    row = SmsText.objects.select_for_update().get(pk=sms_text.pk)
    if findings := find("sms_text.end", ending_of(row, by, at), policy=book(), at=at):
        raise Refusal(findings)
    row.ended_at, row.ended_by, row.ended_why = at, by.user_id, reason
    row.save()
    facts = {"before": {"ended_at": None}, "after": {"ended_at": at, "reason": reason}}
    log_action("sms_text.ended", subject=("sms_text", str(row.pk)), by=by, at=at, facts=facts)
    return row


def ending_of(row: SmsText, by: Actor, at: datetime) -> EndingFacts:
    """What the rules need to know of a text that is to end."""
    return EndingFacts(row.template, row.number, has_ended=row.ended_at is not None)


@transaction.atomic
def import_texts(rows: Sequence[Mapping[str, str]], *, by: Actor, at: datetime, sha256: str) -> list[Misfit]:
    """Enter the registered texts of a file, a mapping by ``COLUMNS`` each; answers the rows that were not taken.

    One line of the log for the file with its hash, one for each text that is new.
    """
    require_grant(by, "sms_text.register")
    misfits, count = [], 0
    for number, row in enumerate(rows, start=2):
        new = NewText(**{name: str(row.get(name, "")).strip() for name in COLUMNS})
        if not new.number:
            continue  # a row of the proposal that the operators have not registered yet
        try:
            _checked(new, at)
        except Refusal as refusal:
            misfits.append(Misfit(number, refusal.findings))
        except NotFound:
            misfits.append(
                Misfit(number, [Finding("DLT-10", {"template": new.template or "—", "lang": new.lang or "—"})])
            )
        else:
            _keep(new, by, at)
            count += 1
    facts = {"sha256": sha256, "taken": count, "refused": len(misfits)}
    log_action("sms_text.imported", subject=("sms_text", "file"), by=by, at=at, facts=facts)
    return misfits
