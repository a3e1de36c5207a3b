"""What weighbridges and e-challans say together: bridges that are silent or stay at zero, the balance of a day."""
