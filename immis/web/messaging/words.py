"""Words of deliveries: channels, states, what gateways answered, what is not set up."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.rules.policy import book
from immis.rules.writing.texts import texts
from immis.web.shell import wording

STATES = {
    "queued": ("warn", _("queued")),
    "sending": ("warn", _("being handed over")),
    "sent": ("good", _("sent")),
    "unknown": ("warn", _("not known whether it arrived; not sent again")),
    "delivered": ("good", _("delivered")),
    "undelivered": ("bad", _("not delivered")),
    "refused": ("bad", _("not sent")),
    "failed": ("bad", _("failed, tried again")),
    "no_service": ("plain", _("no SMS service is connected")),
}
#: What a state means where the channel is SMS.
_OF_SMS = {"sent": ("info", _("with the gateway, no report yet")), "failed": ("bad", _("given up"))}
VENDORS = {"cdac": _("C-DAC Mobile Seva"), "nic": _("NIC"), "smpp": _("SMPP")}
WHY_DEAD = {"refused": _("there is no such number or address"), "often": _("nothing arrived several times in a row")}


def state_of(delivery: Any) -> tuple[str, str]:
    """The state of a delivery as chip and word."""
    state, words = STATES[delivery.state]
    if delivery.channel == "sms":
        state, words = _OF_SMS.get(delivery.state, (state, words))
    return state, str(words)


def reason_of(delivery: Any) -> str:
    """Why a delivery stands as it does: the rule that held it back, or what the gateway answered."""
    code = delivery.code
    if code in book().entries:
        return f"{code}: {wording.name_of(book().entry(code).title)}"
    known = texts("messaging/gateway_codes").get(code)
    return " · ".join(filter(None, (code, wording.name_of(known) if known else delivery.error)))
