"""What an office may do to an auction: orders while it runs and after it, and acts on the whole notice."""

from immis.auctions.acts import after, applications, notices, orders

__all__ = ["after", "applications", "notices", "orders"]
