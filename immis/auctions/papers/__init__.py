"""Papers of an auction to print: forms of bidders, and the minutes."""
