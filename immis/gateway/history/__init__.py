"""Packets that came late are worked into what was told."""
