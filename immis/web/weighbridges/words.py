"""Weighbridges in words: their state, what they lack, how their software does, what a weighment is."""

from typing import Any

from django.utils.translation import gettext_lazy as _

STATES = {
    "applied": ("info", _("applied for")),
    "visited": ("info", _("visited")),
    "approved": ("good", _("approved")),
    "refused": ("bad", _("refused")),
    "ended": ("plain", _("taken away")),
}
LACKS = {
    "visit": _("the visit"),
    "fence": _("a fence"),
    "stamp": _("a stamp that holds"),
    "approval": _("the approval"),
    "software": _("paired software"),
}
HEALTH = {
    "unpaired": ("plain", _("no software")),
    "silent": ("bad", _("silent")),
    "alive": ("good", _("alive")),
    "drifting": ("warn", _("its clock is wrong")),
    "garbled": ("warn", _("frames are not understood")),
}
KINDS = {"gross": _("gross"), "tare": _("tare"), "zero": _("zero"), "check": _("check of the scale")}


def bridge_chip(bridge: Any) -> tuple[str, Any]:
    """The state of a weighbridge, the same on every page."""
    return STATES[bridge.state]


def health_chip(health: str) -> tuple[str, Any]:
    return HEALTH.get(health, HEALTH["garbled"])


def lacks_words(lacks: Any) -> str:
    """What is lacking, in one line."""
    return ", ".join(str(LACKS[name]) for name in lacks)
