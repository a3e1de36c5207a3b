"""AIS-140 dialects: framing, checksums and one module a family of packets."""
