"""Benchmarks of what an office has before it."""
