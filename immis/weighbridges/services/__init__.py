"""Changing weighbridges: the steps of an installation, pairing, weighments."""
