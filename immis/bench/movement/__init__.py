"""Benchmarks of what moves: e-challans issued over HTTP, and what the checks of an issue cost."""
