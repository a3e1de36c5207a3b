"""The vendors of SMS by the name that the settings give them; each is loaded only where it is the one."""

from importlib import import_module

from immis.adapters.sms.port import Line, SmsGateway

#: Module in this folder and class of each vendor.
VENDORS = {"cdac": ("cdac", "MobileSeva"), "nic": ("nic", "NicGateway"), "smpp": ("smpp", "SmppGateway")}


def make(vendor: str, line: Line) -> SmsGateway:
    """The client of a vendor. Raises ValueError for a vendor that there is not, or an address that is none."""
    if vendor not in VENDORS:
        raise ValueError(f"there is no SMS vendor {vendor!r}; there are {', '.join(VENDORS)}")
    module, name = VENDORS[vendor]
    gateway: SmsGateway = getattr(import_module(f"immis.adapters.sms.{module}"), name)(line)
    return gateway
