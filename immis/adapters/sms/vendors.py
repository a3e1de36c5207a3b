"""The vendors of SMS by the name that the settings give them."""

from dataclasses import dataclass, field

from immis.adapters.sms.port import SmsGateway

VENDORS = ("cdac", "nic", "smpp")


@dataclass(frozen=True)
class Line:
    """Where a gateway is and who we are to it; secrets never reach a log.

    ``entity`` is our number with the operators (PE), ``key`` the secure key of Mobile Seva, ``report_url`` where
    reports are asked for, ``tags`` the hexadecimal tags of SMPP for entity and registered text.
    """

    url: str
    user: str
    password: str = field(repr=False, default="")
    key: str = field(repr=False, default="")
    entity: str = ""
    report_url: str = ""
    tags: str = "1400,1401"


def make(vendor: str, line: Line) -> SmsGateway:
    """The client of a vendor. Raises ValueError for a vendor that there is not, or an address that is none."""
    if vendor == "cdac":
        from immis.adapters.sms.cdac import MobileSeva

        return MobileSeva(line)
    if vendor == "nic":
        from immis.adapters.sms.nic import NicGateway

        return NicGateway(line)
    if vendor == "smpp":
        from immis.adapters.sms.smpp import SmppGateway

        return SmppGateway(line)
    raise ValueError(f"there is no SMS vendor {vendor!r}; there are {', '.join(VENDORS)}")
