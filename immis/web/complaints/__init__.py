"""Complaints: a problem reported from any page by anybody, and its answer."""
