"""What is kept: positions in Parquet, events for the office, the office's snapshot, and for how long."""
