"""Load cells of trucks: what a vendor's feed says a truck weighs (E-157)."""
