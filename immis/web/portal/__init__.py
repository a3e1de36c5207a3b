"""The first page, help, open data and the action log."""
