"""Finding a record by typing: one index of everything that has a name or a number, kept by what happens."""
