"""What IMMIS asks of E-Proc: which auctions have ended there, and the signed export of one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class EprocUnreachable(Exception):
    """E-Proc did not answer, or not in a way that can be read; nothing is known about the auction."""


class EprocForged(Exception):
    """An export whose signature is not E-Proc's."""


class EprocUnreadable(Exception):
    """An export that lacks what an export needs: says where and what."""


@dataclass(frozen=True)
class SignedExport:
    """An export as it came: the raw bytes, the detached signature over them, and a name for people."""

    content: bytes
    signature: str
    filename: str


@dataclass(frozen=True)
class EprocLot:
    """One ghat of the notice as E-Proc auctioned it; whole rupees."""

    serial: int
    ghat: str
    reserve_rupees: int
    emd_rupees: int
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class EprocBidder:
    """A bidder by E-Proc's reference."""

    reference: str
    name_en: str
    name_hi: str
    kind: str
    pan: str
    email: str
    phone: str
    address: str
    bank_account: str


@dataclass(frozen=True)
class EprocEntry:
    """A bidder's technical bid for one ghat: result, and the earnest money with its reference and account."""

    serial: int
    bidder: str
    technical: str
    reasons: str
    emd_reference: str
    emd_rupees: int
    emd_account: str


@dataclass(frozen=True)
class EprocBid:
    """One line of E-Proc's bid log."""

    serial: int
    number: int
    bidder: str
    amount_rupees: int
    at: datetime
    accepted: bool


@dataclass(frozen=True)
class EprocResult:
    """How E-Proc says that one ghat's auction ended: sold, single_bid or no_bids."""

    serial: int
    result: str
    winner: str
    amount_rupees: int | None
    ended_at: datetime


@dataclass(frozen=True)
class EprocAuction:
    """A whole export: notice, ghats, bidders, technical bids, bid log and results."""

    reference: str
    notice: str
    district: str
    lots: tuple[EprocLot, ...]
    bidders: tuple[EprocBidder, ...]
    entries: tuple[EprocEntry, ...]
    bids: tuple[EprocBid, ...]
    results: tuple[EprocResult, ...]


class EProc(Protocol):
    """The port; both calls raise EprocUnreachable."""

    def ended(self) -> list[str]: ...

    def export(self, reference: str) -> SignedExport: ...
