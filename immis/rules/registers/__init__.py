"""Rules of declared registers."""
