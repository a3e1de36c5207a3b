"""Bank accounts that a party declares: whose they may be, how they are written, when they are decided on (E-083)."""

import re
from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import texts

_NUMBER = re.compile(r"[A-Z0-9]{6,30}")
_IFSC = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}")


@dataclass(frozen=True)
class DeclaredFacts:
    """A bank account as a party of some kind declares it; ``is_known``: it is declared or accepted already."""

    party_kind: str
    relation: str
    number: str
    ifsc: str
    is_known: bool = False


@dataclass(frozen=True)
class DecisionFacts:
    """A declared account about to be decided on or closed, with the reason; ``wants`` is accept, refuse or close."""

    number: str
    state: str
    wants: str
    reason: str = " "


@rule("REG-21", on="account.declare")
def foreign_relation(facts: DeclaredFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Money comes from the own account, of a firm its partners', of a company its directors' (clause 20 iii, E-083).

    Clause: tender 20 iii (ka)-(ga). Our reading: proprietors, societies and cooperatives pay from their own alone.
    The Collector may settle a doubt.
    """
    allowed = policy.value("REG-21", at)[facts.party_kind]
    if facts.relation in allowed:
        return None
    names = {lang: ", ".join(policy.words("REG-21", word)[lang] for word in allowed) for lang in ("en", "hi")}
    return Finding(
        "REG-21",
        {
            "party_kind": dict(texts("registry/party_kinds")[facts.party_kind]),
            "allowed": names,
            "relation": policy.words("REG-21", facts.relation),
        },
    )


@rule("REG-22", on="account.declare")
def account_unfit(facts: DeclaredFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A declared account has a number and an IFSC, and is declared once (E-083).

    Clause: tender 20 iii (ka)-(ga). Our reading: the form of numbers is the banks'. The Collector may settle a doubt.
    """
    policy.at("REG-22", at)
    if not _NUMBER.fullmatch(facts.number):
        why = "number"
    elif not _IFSC.fullmatch(facts.ifsc):
        why = "ifsc"
    elif facts.is_known:
        why = "known"
    else:
        return None
    return Finding("REG-22", {"number": facts.number[:30] or "—", "because": policy.words("REG-22", why)})


@rule("REG-23", on="account.decide")
def not_to_be_decided(facts: DecisionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An account is decided on once, with the reason; one that was accepted may be closed (E-083).

    Clause: tender 20 iii (ka)-(ga). Our reading: who accepted it and why is written down. The Collector may settle a
    doubt.
    """
    policy.at("REG-23", at)
    if facts.wants == "close":
        why = "" if facts.state in ("sent", "accepted") else "closed"
    else:
        why = "decided" if facts.state != "sent" else "reason" if not facts.reason else ""
    if not why:
        return None
    return Finding("REG-23", {"number": facts.number, "because": policy.words("REG-23", why)})
