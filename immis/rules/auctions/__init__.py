"""Rules of auctions: lots, bidders, tenders, exports of E-Proc, and what follows from their events."""
