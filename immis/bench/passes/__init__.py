"""Passes as a phone and a check meet them."""
