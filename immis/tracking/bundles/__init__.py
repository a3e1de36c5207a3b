"""Bundles of evidence: made, drawn, signed, and checked without this house."""
