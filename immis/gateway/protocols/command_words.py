"""The words of a command in each syntax that devices take (specification section 14); none could stop a vehicle."""

from collections.abc import Callable, Mapping

#: What an office may want of a device; those with an interval take seconds.
ASK, INTERVAL, AT_REST, EMERGENCY_OFF = "ask", "interval", "interval_rest", "emergency_off"
WITH_SECONDS = (INTERVAL, AT_REST)
#: Syntaxes: C-DAC and VT ("C1"), Amendment 3 of AIS-140 ("C2").
CDAC, AMENDMENT_3 = "cdac", "amendment3"
_OWN_DIGITS = 6


def _amendment_3(imei: str, verb: str, what: str) -> str:
    """``$imei,<last six digits of it>,SET,NNN:VALUE*XX``, XX the exclusive or of what stands between the marks."""
    body = f"{imei},{imei[-_OWN_DIGITS:]},{verb},{what}"
    check = 0
    for byte in body.encode():
        check ^= byte
    return f"${body}*{check:02X}"


_FORMS: Mapping[str, Mapping[str, Callable[[str, int], str]]] = {
    CDAC: {
        ASK: lambda imei, seconds: "GET UR",
        INTERVAL: lambda imei, seconds: f"SET UR:{seconds}",
    },
    AMENDMENT_3: {
        ASK: lambda imei, seconds: _amendment_3(imei, "GET", "014:"),
        INTERVAL: lambda imei, seconds: _amendment_3(imei, "SET", f"014:{seconds}"),
        AT_REST: lambda imei, seconds: _amendment_3(imei, "SET", f"015:{seconds}"),
        EMERGENCY_OFF: lambda imei, seconds: _amendment_3(imei, "CLR", "020:"),
    },
}
FORMS = tuple(_FORMS)


def acts_of(form: str) -> tuple[str, ...]:
    """What can be said in a syntax; nothing in one that is unknown."""
    return tuple(_FORMS.get(form, {}))


def command_text(form: str, act: str, *, imei: str, seconds: int = 0) -> str:
    """A command as the device takes it, without a line's end. KeyError for an act that the syntax does not know."""
    return _FORMS[form][act](imei, seconds)
