"""What a post may do to a settlement."""

from immis.leases import nouns
from immis.leases.acts import authorities, clearances, life, money, path, prices, register, stops

__all__ = ["authorities", "clearances", "life", "money", "nouns", "path", "prices", "register", "stops"]
