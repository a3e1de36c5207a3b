"""Pages of bidders."""
