"""Backups, restores and the archive of positions."""
