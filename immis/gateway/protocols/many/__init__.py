"""Many frames at once: cutting, checksums and decoding of what is in no doubt."""
