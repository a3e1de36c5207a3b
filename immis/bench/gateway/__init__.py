"""The rigs and figures of the telemetry process: its traffic made beforehand, its troubles, its clusters."""
