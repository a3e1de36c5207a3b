"""What a post may do on its desk: order that somebody is stopped."""

from immis.enforcement.acts import stops

__all__ = ["stops"]
