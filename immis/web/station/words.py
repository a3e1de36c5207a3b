"""Words that the script of the page beside a scale says."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def station_words() -> dict[str, Any]:
    """By the names by which the script knows them, in the reader's language."""
    return {
        "silent": _("Nothing comes from the indicator: look at cable, power and port."),
        "garbled": _("The indicator speaks no known format: teach it below."),
        "still": pgettext("scale", "At rest"),
        "moving": pgettext("scale", "Moving"),
        "empty": pgettext("scale", "At zero"),
        "not_zero": _("The scale has not been at zero since the last weighment. Let it come back to zero first."),
        "plate": _("Write the number of the vehicle."),
        "taken": _("Weighed: {plate}, {kg} kg"),
        "kg": pgettext("scale", "kg"),
        "online": _("Connected with the department"),
        "offline": _("No network: weighments stay in this browser and go by themselves."),
        "waits": pgettext("weighment", "waits"),
        "sent": pgettext("weighment", "sent"),
        "refused": _("The department refused this code."),
        "cut_off": _("This computer is no longer paired with the weighbridge: pair it again by a new code."),
        "learned": _("The way of the indicator is learned."),
        "few": _("Too little comes from the indicator. Look at the cable and try again."),
        "number": _("The number is not in what the indicator sends. Write it as it is shown."),
        "kinds": {
            "gross": pgettext("weighment", "gross"),
            "tare": pgettext("weighment", "tare"),
            "zero": pgettext("weighment", "zero"),
            "check": pgettext("weighment", "check"),
        },
    }
