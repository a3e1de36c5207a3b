"""``immis bench weighbridge``: a State of bridges at once, and what kill -9 leaves of their weighments."""
