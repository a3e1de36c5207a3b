"""Sheets of vehicles, drivers and places: checked, then taken in by the worker, one line of the log a file."""
