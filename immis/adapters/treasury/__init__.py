"""The State's treasury: opening a remittance, asking what became of it, and its signed notices."""
