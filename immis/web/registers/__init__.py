"""Pages of declared registers: one list, one form, one entry, whatever the register."""
