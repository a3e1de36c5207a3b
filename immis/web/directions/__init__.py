"""Meetings and their directions in the browser."""
