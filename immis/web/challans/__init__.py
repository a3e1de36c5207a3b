"""Pages of e-challans: issue, check post, public check."""
