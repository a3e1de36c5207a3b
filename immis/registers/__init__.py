"""Declared registers: lists of entries that need no code of their own (``policy/registers/<subject>/<name>.yaml``)."""
