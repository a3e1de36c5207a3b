"""What a post may do to a settlement."""

from immis.leases import nouns
from immis.leases.acts import life, path, stops

__all__ = ["life", "nouns", "path", "stops"]
