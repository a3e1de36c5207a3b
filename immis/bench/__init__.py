"""Every benchmark and load rig; `immis bench` runs them."""
