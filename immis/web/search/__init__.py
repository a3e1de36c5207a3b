"""The page of search, and what the field on every page proposes as somebody types."""
