"""The way by road between two places: asked once of the engine, then kept.

``way_between`` answers at once from what is kept and never asks an engine, so it may stand inside a transaction;
``prepare`` asks the engine for what is not kept yet, for a bounded time and outside of any transaction.
"""

from immis.challans.roads.ways import Distance, line_of, prepare, way_between

__all__ = ["Distance", "line_of", "prepare", "way_between"]
