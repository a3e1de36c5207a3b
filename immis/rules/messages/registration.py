"""Whether a text may be registered for SMS, and whether what goes out is the text that was registered (TRAI, DLT)."""

import re
from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.messages.templates import TAGS, difference, literals, variables
from immis.rules.policy import PolicyBook

CATEGORIES = ("service_implicit", "service_explicit", "transactional", "promotional")
#: What does not part two variables: blanks, commas and other signs.
_NO_WORD = re.compile(r"[\W_]*")


@dataclass(frozen=True)
class RegistrationFacts:
    """A text as it was registered with the operators; ``proposed`` is how the rule book's words are registered."""

    template: str
    lang: str
    text: str
    header: str
    category: str
    number: str
    proposed: str = ""
    reason: str = ""


@dataclass(frozen=True)
class SmsFacts:
    """An SMS about to go out, and the text that is registered for it; empty where none is."""

    template: str
    lang: str
    text: str
    registered: str = ""


@dataclass(frozen=True)
class EndingFacts:
    """A registered text that is to end."""

    template: str
    number: str
    has_ended: bool = False


@rule("DLT-01", on="dlt.register")
def untagged(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Every variable bears its tag.

    Clause: TRAI direction of 18.11.2025. Our reading: sixty days later operators refuse the old form. Who may settle a
    doubt: the operator of the department.
    """
    policy.at("DLT-01", at)
    odd = sorted({row.tag for row in variables(facts.text)} - set(TAGS))
    return Finding("DLT-01", {"tags": ", ".join(odd), "allowed": ", ".join(TAGS)}) if odd else None


@rule("DLT-02", on="dlt.register")
def too_many_variables(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """At most two variables, a third with a recorded reason.

    Clause: TRAI direction of 18.11.2025. Our reading: what an operator allows beyond that is entered by a new value
    here. Who may settle a doubt: the operator of the department.
    """
    limit, count = policy.value("DLT-02", at), len(variables(facts.text))
    most = limit["with_reason"] if facts.reason.strip() else limit["free"]
    return Finding("DLT-02", {"count": count, **limit}) if count > most else None


@rule("DLT-03", on="dlt.register")
def adjacent_variables(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Two variables are parted by a word.

    Clause: TRAI direction of 18.11.2025. Our reading: blanks, commas and signs part nothing. Who may settle a doubt:
    the operator of the department.
    """
    policy.at("DLT-03", at)
    between = literals(facts.text)[1:-1]
    return Finding("DLT-03", {"text": facts.text}) if any(_NO_WORD.fullmatch(part) for part in between) else None


@rule("DLT-04", on="dlt.register")
def odd_header(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A header has six letters, in the case in which it was registered.

    Clause: TCCCPR 2018. Our reading: the suffix (-G, -S, -T, -P) is the operator's, not ours. Who may settle a doubt:
    the operator of the department.
    """
    length = policy.value("DLT-04", at)
    fits = re.fullmatch(rf"[A-Za-z]{{{length}}}", facts.header)
    return None if fits else Finding("DLT-04", {"header": facts.header, "length": length})


@rule("DLT-05", on="dlt.register")
def odd_number(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The number of a registered text is digits only.

    Clause: TCCCPR 2018. Our reading: the operators give 19 digits; other lengths are taken. Who may settle a doubt:
    the operator of the department.
    """
    most = policy.value("DLT-05", at)
    fits = facts.number.isascii() and facts.number.isdigit() and len(facts.number) <= most
    return None if fits else Finding("DLT-05", {"number": facts.number, "most": most})


@rule("DLT-06", on="dlt.register")
def odd_category(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Our texts are service texts.

    Clause: TCCCPR 2018 as amended on 12.02.2025: transactional is a bank's one-time password only. Our reading: no
    text of the department promotes anything. Who may settle a doubt: the operator of the department.
    """
    allowed = policy.value("DLT-06", at)
    return None if facts.category in allowed else Finding("DLT-06", {"category": facts.category or "—"})


@rule("DLT-07", on="dlt.register")
def other_words(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A registered text has the words of the rule book, to the letter.

    Clause: safeguard of this system; TRAI's operators refuse what differs (code 633). Our reading: another text is
    another message. Who may settle a doubt: the IT manager.
    """
    policy.at("DLT-07", at)
    if literals(facts.text) == literals(facts.proposed):
        return None
    return Finding("DLT-07", {"template": facts.template, "proposed": facts.proposed or "—"})


@rule("DLT-08", on="sms.send")
def not_registered(facts: SmsFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No SMS goes out without a registered text in its language.

    Clause: TCCCPR 2018. Our reading: the operators would refuse it (630) and count it against the sender. Who may
    settle a doubt: the operator of the department.
    """
    policy.at("DLT-08", at)
    return None if facts.registered else Finding("DLT-08", {"template": facts.template, "lang": facts.lang})


@rule("DLT-09", on="sms.send")
def not_to_the_letter(facts: SmsFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """What goes out is the registered text to the letter, each variable within its length.

    Clause: TCCCPR 2018; codes 633 and 635 of the operators. Our reading: it is checked here, before a gateway sees it.
    Who may settle a doubt: the operator of the department.
    """
    most = policy.value("DLT-09", at)
    if not facts.registered or not (why := difference(facts.text, facts.registered, most=most)):
        return None
    said = {"template": facts.template, "lang": facts.lang, "most": most}
    return Finding("DLT-09", {**said, "why": policy.words("DLT-09", why)})


@rule("DLT-11", on="sms_text.end")
def ended_already(facts: EndingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A registered text ends once.

    Clause: safeguard of this system. Our reading: the first end, with its reason, is the one on record. Who may settle
    a doubt: the IT manager.
    """
    policy.at("DLT-11", at)
    return Finding("DLT-11", {"template": facts.template, "number": facts.number}) if facts.has_ended else None
