"""Rules of a settlement: its path, its life, its sums, its clearances, and what follows from their events."""
