"""Directions of a meeting: what minutes state, who answers, by which day, who reports and who closes."""
