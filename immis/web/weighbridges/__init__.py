"""Pages of weighbridges: list, application, record with its pairing and weighments, coverage by district."""
