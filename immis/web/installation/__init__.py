"""The installation itself: its first start, and what of it is not set."""
