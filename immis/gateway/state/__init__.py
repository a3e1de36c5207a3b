"""What is known of each device, and what one more packet says of it: way, fences, trips, signals, trust."""
