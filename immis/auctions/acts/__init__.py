"""What may be done to an auction: orders, acts on the whole notice, what bidders send, what comes from E-Proc."""

from immis.auctions.acts import after, applications, bidders, eproc, notices, orders, publication

__all__ = ["after", "applications", "bidders", "eproc", "notices", "orders", "publication"]
