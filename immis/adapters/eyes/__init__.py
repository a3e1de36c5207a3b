"""Cameras and readers beside a weighbridge, on the local network of a gate (E-158)."""
