"""Rules of the land: corners, areas, ghats, fences."""
