"""Words of the register of devices, in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from immis.web.shell import wording

SIGNS = {
    "iccid": gettext_lazy("ICCID of an Indian operator"),
    "check_digit": gettext_lazy("check digit of the SIM holds"),
    "m2m_number": gettext_lazy("13-digit M2M number"),
}
MEASURES = {
    "bad_percent": gettext_lazy("Frames with problems"),
    "no_fix_percent": gettext_lazy("Without position"),
    "clock_s": gettext_lazy("Error of the clock"),
    "silent_h": gettext_lazy("Silent for"),
    "signals": gettext_lazy("Signals of tampering or power"),
}
OUTCOMES = {
    "waiting": ("warn", gettext_lazy("Waiting for a packet"), ""),
    "heard": ("good", gettext_lazy("The device reports"), gettext_lazy("A packet with a position came in.")),
    "no_fix": (
        "warn",
        gettext_lazy("It reports, but without a position"),
        gettext_lazy("The network works. Stand under open sky; if that does not help, check the GPS antenna."),
    ),
    "clock": (
        "warn",
        gettext_lazy("It reports, but its time is not believed"),
        gettext_lazy("What comes is old or its clock is wrong: stored packets come first, or the clock must be set."),
    ),
    "silent": (
        "bad",
        gettext_lazy("Nothing came; it reported before"),
        gettext_lazy("Check ignition and power, then SIM balance and network, then server address and port."),
    ),
    "never": (
        "bad",
        gettext_lazy("This IMEI has never reported"),
        gettext_lazy("Compare the IMEI with the label; check that the device is set to our server address and port."),
    ),
}
SMS = {
    "queued": gettext_lazy("SMS to the owner is on its way"),
    "sending": gettext_lazy("SMS to the owner is on its way"),
    "sent": gettext_lazy("SMS to the owner was sent"),
    "delivered": gettext_lazy("SMS reached the owner"),
    "unknown": gettext_lazy("Whether the SMS reached the owner is not known"),
    "undelivered": gettext_lazy("SMS to the owner failed"),
    "refused": gettext_lazy("SMS to the owner failed"),
    "failed": gettext_lazy("SMS to the owner failed"),
    "no_service": gettext_lazy("No SMS service is connected; the owner sees the request on the portal"),
}


def silence_chip(days: int, heard: bool) -> tuple[str, str]:
    """On which list of silence a device is, as chip and word."""
    if not heard:
        return "bad", _("never heard")
    if not days:
        return "good", _("reports")
    words = ngettext("silent for %(n)d day", "silent for %(n)d days", days) % {"n": days}
    return ("bad" if days >= 7 else "warn"), words


def measure(name: str, value: float | None) -> str:
    """A figure of a scorecard with its unit."""
    if value is None:
        return "—"
    if name.endswith("_percent"):
        return f"{value:.1f} %"
    if name == "clock_s":
        return wording.span(value)
    if name == "silent_h":
        return wording.span(value * 3600)
    return f"{value:.1f}"


def score_rows(scores: Any) -> list[dict[str, str]]:
    """The measures of a scorecard as (label, figure, chip)."""
    return [
        {"label": str(label), "figure": measure(name, getattr(scores, name)), "chip": scores.grades[name]}
        for name, label in MEASURES.items()
    ]
