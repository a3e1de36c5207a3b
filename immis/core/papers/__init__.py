"""Files: kept, handed in, read in a child, printed."""
