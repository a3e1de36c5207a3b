"""How offices write: hours, sums, units, numbers in words; and the texts of this house."""
