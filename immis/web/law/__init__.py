"""The rule book as pages."""
