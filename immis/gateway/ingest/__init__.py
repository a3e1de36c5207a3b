"""Bytes in: links and their door, the worker and its keeper, and what makes frames, rows and events of the log."""
