"""Filters of lists that a person keeps under names of his own."""
