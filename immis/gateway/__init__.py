"""The telemetry process: sockets, raw log, decoding, fences, trips, store. No Django here."""
