"""Pages of vehicles and devices: map, trails, faults, fences."""
