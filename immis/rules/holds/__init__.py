"""Rules of what stops somebody, and of the orders that do so."""
