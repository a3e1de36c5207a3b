"""The rows of a file of settlements in force that are taken over, as its reader hands them on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Fault:
    """What is wrong in a line: where (0: the file), in which column, which of the words of TKO-01, and its facts."""

    line: int
    column: str
    why: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Party:
    """Who holds a settlement, where he is not entered yet."""

    line: int
    pan: str
    kind: str
    name_en: str
    name_hi: str
    email: str
    phone: str
    bank_account: str


@dataclass(frozen=True)
class Ghat:
    """A ghat that is not entered yet; ``corners`` are (lat, lon) pairs in their order round it."""

    line: int
    code: str
    serial: int
    block_no: str
    name_en: str
    name_hi: str
    river: str
    area_ha: Decimal
    quantity_m3: int
    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Settlement:
    """A settlement with the days of its path, and the numbers of its papers.

    The last two are a deed's whose terms are its own (TKO-02): whether an unpaid instalment stops e-challans (yes, no,
    or empty where the deed says nothing), and its last day where that is not the end of its last year.
    """

    line: int
    number: str
    ghat: str
    pan: str
    bid_rupees: int
    auction_on: date
    loi_number: str
    loi_on: date
    deed_on: date
    registered_on: date | None
    registration_number: str
    gst_on: date | None
    permission_number: str
    permitted_on: date | None
    demarcated_on: date | None
    unpaid_stops: str = ""
    ends_on: date | None = None


@dataclass(frozen=True)
class Clearance:
    """A clearance of a settlement: plan, ec, cte_cto or water."""

    line: int
    settlement: str
    kind: str
    applied_on: date
    granted_on: date | None
    valid_until: date | None
    quantity_m3: int | None
    reference: str


@dataclass(frozen=True)
class Due:
    """One line of the schedule as the deed has it; ``part`` is an instalment's number, dmf, or security (year 0)."""

    line: int
    settlement: str
    year: int
    part: str
    amount_paise: int
    due_on: date


@dataclass(frozen=True)
class Payment:
    """Money that was received and verified; ``part`` is 1, 2, 3, dmf, or security (its year is 0)."""

    line: int
    settlement: str
    year: int
    part: str
    amount_paise: int
    verified_on: date
    grn: str


@dataclass(frozen=True)
class Balance:
    """The opening balance of a head of account: a control total."""

    line: int
    head: str
    amount_paise: int


@dataclass(frozen=True)
class TakeoverFile:
    """What a file says, line by line."""

    reference: str
    district: str
    balances_on: date
    last_line: int
    rows: tuple[Any, ...]

    def of(self, kind: type) -> list[Any]:
        """The rows of a kind, in their order."""
        return [row for row in self.rows if isinstance(row, kind)]

    @property
    def paid_paise(self) -> int:
        return sum(row.amount_paise for row in self.of(Payment))


@dataclass(frozen=True)
class TakeoverReading:
    """A file with every finding; ``file`` is None where a cell cannot be read."""

    faults: tuple[Fault, ...]
    file: TakeoverFile | None = None
