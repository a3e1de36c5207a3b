"""Sheets of things, offices and charges: checked, then taken in by the worker, one line of the log a file."""
