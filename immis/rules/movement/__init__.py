"""Rules of sand on the road: e-challans, trips, devices, evidence, penalties."""
