"""The code that proves a phone: how long it holds, how often it may be tried."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class CodeFacts:
    """A code as it was typed: whether one was sent, whether it is the one, its age and the tries before."""

    sent_at: datetime | None = None
    tries: int = 0
    is_used: bool = False
    is_same: bool = False


@rule("OTP-02", on="code.check")
def code_refused(facts: CodeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A code is taken once, within its minutes and its tries.

    Clause: no clause gives figures (OTP-02). Our reading: six digits may be guessed in a million tries, so there are
    few. Who may settle a doubt: the IT manager.
    """
    terms = policy.value("OTP-02", at)
    if facts.sent_at is None or facts.is_used:
        why = "none"
    elif (at - facts.sent_at).total_seconds() > 60 * terms["minutes"]:
        why = "late"
    elif facts.tries >= terms["tries"]:
        why = "tries"
    else:
        why = "" if facts.is_same else "wrong"
    return Finding("OTP-02", {"why": policy.words("OTP-02", why)}) if why else None
