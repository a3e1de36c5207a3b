"""PARIVESH, the Union's portal of environmental clearances: following a proposal by its number (A-20, D-18)."""
