"""Which orders may follow the end of an auction, and whether an order that was asked for still waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class FollowFacts:
    """A lot and the order that is to follow: its result (``approved``: a single tender that the department took).

    ``orders`` are the kinds of those that were given, ``applicants`` and ``to_return`` how many applied and how many
    deposits are to be returned.
    """

    act: str
    result: str
    orders: Sequence[str] = ()
    applicants: int = 0
    to_return: int = 0


@dataclass(frozen=True)
class AskedFacts:
    """An order that an officer asked for: asked, effective or withdrawn."""

    state: str


@rule("AUC-113", on="lot.follow")
def does_not_follow(facts: FollowFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 4(v), 19(iii), 19(v), 19(vi): each result of an auction has its own orders, and each is given once.

    Our reading: forfeiture where nobody bid, default of a winner, a re-tender or the way over recommendation and
    approval for a single tender; a certificate is found false after the end. The Collector may settle a doubt.
    """
    terms = policy.value("AUC-113", at)["orders"][facts.act]
    why = _against(facts, terms)
    return Finding("AUC-113", {"because": policy.words("AUC-113", why)}) if why else None


def _against(facts: FollowFacts, terms: Mapping[str, Any]) -> str | None:
    given = set(facts.orders)
    checks = (
        (facts.result == "open", "still_open"),
        (facts.result not in terms["results"], "another_result"),
        (facts.act in given, "given"),
        (not set(terms.get("after", ())) <= given, "not_recommended"),
        (bool(set(terms.get("not_after", ())) & given), "decided_otherwise"),
        (terms.get("needs") == "applicants" and not facts.applicants, "nobody_applied"),
        (terms.get("needs") == "to_return" and not facts.to_return, "nothing_due"),
    )
    return next((why for wrong, why in checks if wrong), None)


@rule("AUC-114", on="auction_order.waits")
def waits_no_more(facts: AskedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 11: corrigenda stand as they were shown.

    Our reading: an order is confirmed or withdrawn once; what is in effect is changed by another order. The department
    may settle a doubt.
    """
    policy.at("AUC-114", at)
    return None if facts.state == "asked" else Finding("AUC-114")
