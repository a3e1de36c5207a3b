"""The treasuries by the name that the settings give them: who is asked, who pays back, how their notices are read."""

from collections.abc import Callable
from dataclasses import dataclass

from immis.adapters.treasury.http_grn import HttpTreasury, read_notice
from immis.adapters.treasury.payouts import HttpPayouts, Payouts
from immis.adapters.treasury.port import Standing, Treasury


@dataclass(frozen=True)
class Vendor:
    """A treasury: its clients, each made from address and key, and the reader of a notice, its signature and the key.

    ``read_notice`` raises NoticeForged and NoticeUnreadable.
    """

    treasury: Callable[[str, str], Treasury]
    payouts: Callable[[str, str], Payouts]
    read_notice: Callable[[bytes, str, str], Standing]


#: ``grn``: signed JSON under a government reference number, as the simulator speaks it.
VENDORS = {
    "grn": Vendor(HttpTreasury, HttpPayouts, lambda raw, sent, key: read_notice(raw, sent, key=key)),
}


def vendor_of(name: str) -> Vendor:
    """Raises ValueError for a treasury that there is not."""
    if name not in VENDORS:
        raise ValueError(f"there is no treasury {name!r}; there are {', '.join(VENDORS)}")
    return VENDORS[name]
