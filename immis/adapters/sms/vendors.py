"""The vendors of SMS by the name that the settings give them."""

from immis.adapters.sms.port import Line, SmsGateway

VENDORS = ("cdac", "nic", "smpp")


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
