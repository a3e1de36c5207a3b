"""Pages of parties and their papers: registration and PAN."""
