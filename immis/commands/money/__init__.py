"""Commands for the ledger and the treasury's scrolls."""
