"""How far a device's own word may be believed: who its link shows, and who else saw the same (A-14, A-15)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from immis.rules.policy import PolicyBook

STRONG, SUSPECT = "strong", "suspect"


def graded(claimed: str, *, link: Mapping[str, bool], sources: Sequence[str], policy: PolicyBook, at: datetime) -> str:
    """The grade of a signal of a fitted device: strong only where more than the frame itself speaks for it (DEV-30).

    ``claimed`` is the grade by the content of the frame. ``link`` says of the gateway's connection what it proves
    (``token``, ``sim``, ``certificate``, ``known_range``, ``continuous_frames``, ``continuous_place``); what it lacks
    is not proved. ``sources`` are independent ones that saw the vehicle there or the device opened.

    Clause: review of 13.01.2026, point vi (A-15): evidence of tampering. Our reading: anybody can send a frame with
    an IMEI that he read somewhere, so a frame alone is a reason to look and no proof. The AD (HQ) may settle it.
    """
    if claimed != STRONG:
        return SUSPECT
    wanted = policy.value("DEV-30", at)
    known = any(link.get(name) is True for name in wanted["known_by_one_of"])
    steady = all(link.get(name) is True for name in wanted["and_all_of"])
    return STRONG if (known and steady) or set(sources) & set(wanted["or_seen_by"]) else SUSPECT
