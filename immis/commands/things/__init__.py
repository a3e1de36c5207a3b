"""Commands for the registers of things."""
