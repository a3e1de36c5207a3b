"""Stored decisions once more, from their facts, with the rule book of their day."""
