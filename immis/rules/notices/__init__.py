"""Notices inviting e-auction: what they state (``facts``), and what is wrong in them (``check``)."""

from immis.rules.notices.check import NoticeFinding, check_notice, policy_day
from immis.rules.notices.facts import (
    Column,
    Contact,
    Corner,
    Fees,
    GhatFacts,
    ListedGhat,
    NoticeFacts,
    Problem,
    Programme,
    Totals,
    label_of,
    slug_of,
)

__all__ = [
    "Column",
    "Contact",
    "Corner",
    "Fees",
    "GhatFacts",
    "ListedGhat",
    "NoticeFacts",
    "NoticeFinding",
    "Problem",
    "Programme",
    "Totals",
    "check_notice",
    "label_of",
    "policy_day",
    "slug_of",
]
