"""What e-challans add to the acts of registers: check posts by written order (E-121)."""

from immis.challans.entries import posts as posts
