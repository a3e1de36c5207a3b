"""Weighbridges: how one comes to be approved, and which weighments may be trusted."""
