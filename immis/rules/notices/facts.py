"""What a notice inviting e-auction of sand ghats says: facts only, as its readers found them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from immis.rules.districts import letters_of
from immis.rules.writing.texts import texts

LABELS = texts("auctions/notice_labels")


class Column(StrEnum):
    """The columns of annexure 4 and the other things that a notice states; a finding points to one."""

    SERIAL = "serial"
    NAME = "name"
    CORNERS = "corners"
    LABEL = "label"
    RIVER = "river"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    AREA_HA = "area_ha"
    QUANTITY_M3 = "quantity_m3"
    RESERVE_RUPEES = "reserve_rupees"
    EMD_RUPEES = "emd_rupees"
    NUMBER = "number"
    DISTRICT = "district"
    PROGRAMME = "programme"
    PREBID_AT = "prebid_at"
    DOCUMENTS_FROM_ON = "documents_from_on"
    LAST_DATE_AT = "last_date_at"
    RESULT_ON = "result_on"
    AUCTION_STARTS_AT = "auction_starts_at"
    AUCTION_ENDS_AT = "auction_ends_at"
    DOCUMENT_RUPEES = "document_rupees"
    EMD_PERCENT = "emd_percent"
    INCREMENT_PERCENT = "increment_percent"
    PROCESSING_RUPEES = "processing_rupees"
    TOTALS = "totals"
    GHATS = "ghats"
    ROW = "row"
    FILE = "file"


FIGURES = (Column.AREA_HA, Column.QUANTITY_M3, Column.RESERVE_RUPEES, Column.EMD_RUPEES)
STEPS = (
    Column.PREBID_AT,
    Column.DOCUMENTS_FROM_ON,
    Column.LAST_DATE_AT,
    Column.RESULT_ON,
    Column.AUCTION_STARTS_AT,
    Column.AUCTION_ENDS_AT,
)


def label_of(column: str, lang: str) -> str:
    """A column's heading in the reader's language."""
    return LABELS[column]["hi" if lang == "hi" else "en"]


@dataclass(frozen=True)
class Corner:
    """One corner point of a ghat: degrees of WGS84, and the text it was read from."""

    label: str
    lat: float
    lon: float
    text: str = ""


@dataclass(frozen=True)
class GhatFacts:
    """One row of annexure 4 (E-193). A figure that could not be read is None and stands among the problems.

    ``river`` is the river as it is written, where the table has such a column.
    """

    serial: int
    name: str
    code: str
    block: str
    corners: tuple[Corner, ...]
    area_ha: Decimal | None
    quantity_m3: Decimal | None
    reserve_rupees: int | None
    emd_rupees: int | None
    line: int | None = None
    river: str = ""


@dataclass(frozen=True)
class ListedGhat:
    """One ghat as the auction programme lists it (E-002)."""

    serial: int
    name: str
    code: str
    line: int | None = None


@dataclass(frozen=True)
class Programme:
    """The steps of the auction in the order of E-003…E-007; instants are aware, in Indian time; None is not stated."""

    prebid_at: datetime | None = None
    documents_from_on: date | None = None
    last_date_at: datetime | None = None
    result_on: date | None = None
    auction_starts_at: datetime | None = None
    auction_ends_at: datetime | None = None
    prebid_venue: str = ""

    def steps(self) -> list[tuple[Column, date | datetime]]:
        """The steps that the notice states, in the order in which they must follow each other."""
        stated = ((step, getattr(self, step.value)) for step in STEPS)
        return [(step, when) for step, when in stated if when is not None]


@dataclass(frozen=True)
class Fees:
    """Fees and shares that the notice states: whole rupees, percent of the reserve price; None is not stated."""

    document_rupees: int | None = None
    emd_percent: Decimal | None = None
    increment_percent: Decimal | None = None
    processing_rupees: int | None = None


@dataclass(frozen=True)
class Totals:
    """The totals printed under annexure 4; None is not printed or not readable."""

    area_ha: Decimal | None = None
    quantity_m3: Decimal | None = None
    reserve_rupees: int | None = None
    emd_rupees: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class Contact:
    """Whom to ask, by post and not by person (E-011): help_desk, mdo, it_manager or other."""

    post: str
    text: str
    phone: str


@dataclass(frozen=True)
class Problem:
    """What a reader met and could not read, under the code of the rule that words it."""

    code: str
    column: Column
    found: str
    expected: str
    row: int | None = None
    line: int | None = None
    severity: str = "error"


@dataclass(frozen=True)
class NoticeFacts:
    """A whole notice. ``kind`` is ``notice`` (published text) or ``table`` (annexure 4 alone, as CSV or XLSX).

    ``stood`` holds, by column, the text that stands where a step or fee is looked for.
    """

    number: str = ""
    district: str = ""
    title: str = ""
    programme: Programme = Programme()
    fees: Fees = Fees()
    ghats: tuple[GhatFacts, ...] = ()
    totals: Totals | None = None
    contacts: tuple[Contact, ...] = ()
    problems: tuple[Problem, ...] = ()
    listed: tuple[ListedGhat, ...] = ()
    kind: str = "notice"
    release: str = ""
    district_hi: str = ""
    issued_by: str = ""
    period_years: int | None = None
    links: tuple[str, ...] = ()
    stood: Mapping[str, str] = field(default_factory=dict)


def slug_of(district: str, year: int, serial: int) -> str:
    """The stable name of a ghat for fences and files: district, year, serial (``MUN-2026-01``)."""
    return f"{letters_of(district)}-{year}-{serial:02d}"
