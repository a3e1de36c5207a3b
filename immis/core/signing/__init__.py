"""Keys of the house, what it signs, and whether what others signed is whole."""
