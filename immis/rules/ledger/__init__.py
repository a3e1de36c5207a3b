"""Rules of money: receipts, instruments, deposits, refunds, and what follows from their events."""
