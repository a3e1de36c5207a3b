"""Transit passes of other States (ISTP): since when, who takes one, for which load, and what becomes of it."""
