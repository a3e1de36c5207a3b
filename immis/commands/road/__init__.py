"""Commands for devices, positions, passes and evidence."""
