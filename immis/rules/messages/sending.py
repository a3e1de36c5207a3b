"""When an SMS goes out, how its state moves, and what follows where nothing reaches an address any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from immis.rules.calendar import INDIA
from immis.rules.catalogue import ChangeState, Consequence, Finding, OpenTask, rule, trigger
from immis.rules.policy import PolicyBook

#: The states of an SMS, and where each may go on. What may have been delivered is never sent again.
FORWARD: Mapping[str, tuple[str, ...]] = {
    "queued": ("sending", "refused", "failed"),
    "sending": ("queued", "sent", "unknown", "refused", "failed"),
    "sent": ("delivered", "undelivered"),
    "unknown": ("sent", "delivered", "undelivered", "refused"),
    "delivered": (),
    "undelivered": (),
    "refused": (),
    "failed": (),
    "no_service": (),
}


def goes_forward(before: str, after: str) -> bool:
    """Whether an SMS may pass from one state to another."""
    return after in FORWARD[before]


def may_go_at(template: str, at: datetime, policy: PolicyBook) -> datetime:
    """When an SMS may go out: now, or when the quiet hours are over, where it is not urgent (SMS-02)."""
    hours, here = policy.value("SMS-02", at), at.astimezone(INDIA)
    begin, end = hours["from_hour"], hours["until_hour"]
    if template in hours["urgent"] or end <= here.hour < begin:
        return at
    day = here.date() + timedelta(days=1 if here.hour >= begin else 0)
    return datetime.combine(day, time(end), tzinfo=INDIA)


@dataclass(frozen=True)
class RevivalFacts:
    """An address that an officer brings back."""

    is_dead: bool


@rule("SMS-04", on="contact.revive")
def works_already(facts: RevivalFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Only a dead address is brought back.

    Clause: safeguard of this system. Our reading: there is nothing to bring back in one that works. Who may settle a
    doubt: the IT manager.
    """
    policy.at("SMS-04", at)
    return None if facts.is_dead else Finding("SMS-04", {})


@dataclass(frozen=True)
class ContactFacts:
    """An address that nothing reaches any more (``why`` a word of SMS-03), or that works again; who looks at it."""

    contact: str
    channel: str
    ending: str
    why: str = ""
    times: int = 0
    district: str = ""


@trigger("TRG-160", on="contact.dead")
def contact_dead(facts: ContactFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A dead number or a bounced e-mail address lands on a desk.

    Clause: review of 13.01.2026, point iii (A-09): the settlee is notified, and the delivery is kept. Our reading: who
    cannot be reached is looked for. The IT manager may settle a doubt.
    """
    within = timedelta(days=int(policy.value("TRG-160", at)))
    payload = {
        "channel": policy.words("TRG-160", facts.channel),
        "ending": facts.ending,
        "why": policy.words("SMS-03", facts.why),
        "times": facts.times,
        "district": facts.district,
    }
    return [OpenTask("district", "contact", facts.contact, within, act="look", facts=payload)]


@trigger("TRG-161", on="contact.alive")
def contact_alive(facts: ContactFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An address works again: the task about it is done.

    Clause: review of 13.01.2026, point iii (A-09). Our reading: an officer says so, or a delivery shows it. The IT
    manager may settle a doubt.
    """
    policy.at("TRG-161", at)
    return [ChangeState("task", f"contact:{facts.contact}", "done", {"by": "TRG-161"})]


@dataclass(frozen=True)
class RefusedTextFacts:
    """An SMS that was not sent, or not delivered, for its registered text: by our own rule or an operator's code."""

    template: str
    lang: str
    why: str


@trigger("TRG-163", on="sms_text.refused")
def text_refused(facts: RefusedTextFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """What is wrong with a registered text lands with headquarters: until it is mended no such SMS arrives.

    Clause: review of 13.01.2026, point iii (A-09). Our reading: a code of the operators from 600 on, but 650, 660 and
    670, is a fault of the data on record. The IT manager may settle a doubt.
    """
    within = timedelta(days=int(policy.value("TRG-163", at)))
    payload = {"template": facts.template, "lang": facts.lang, "why": facts.why}
    return [OpenTask("hq", "sms_words", f"{facts.template}-{facts.lang}", within, act="look", facts=payload)]


def is_fault_of_text(code: str) -> bool:
    """Whether a code says that the text, its header or who registered them is at fault: ours, or the operators'."""
    if code in ("DLT-08", "DLT-09"):
        return True
    return code.isdigit() and 600 <= int(code) < 900 and code not in ("650", "660", "670")
