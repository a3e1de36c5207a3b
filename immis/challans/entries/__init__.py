"""What e-challans add to the acts of registers: check posts by written order (E-121), keys and quotas of gates."""

from immis.challans.entries import offline as offline
from immis.challans.entries import posts as posts
