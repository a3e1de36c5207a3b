"""Pages of money: payments, dues, claims, scrolls, instruments."""
