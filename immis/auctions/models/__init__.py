"""Notices, lots, bidders, technical bids and the chained events of an e-auction; its registers; exports of E-Proc."""

from immis.auctions.models.eproc import EprocExport, EprocOutcome
from immis.auctions.models.lots import AuctionOrder, Bidder, Lot, LotEvent, Notice, RealLots, RoomPresence, TechnicalBid
from immis.auctions.models.registers import LotOrder, LotSuccession, PaperDecision, ResultList, SignatureCertificate

__all__ = [
    "AuctionOrder",
    "Bidder",
    "EprocExport",
    "EprocOutcome",
    "Lot",
    "LotEvent",
    "LotOrder",
    "LotSuccession",
    "Notice",
    "PaperDecision",
    "RealLots",
    "ResultList",
    "RoomPresence",
    "SignatureCertificate",
    "TechnicalBid",
]
