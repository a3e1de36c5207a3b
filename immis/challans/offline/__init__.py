"""E-challans of an outage: keys and quotas of gates, what a gate holds, and taking its book in (ADR 24)."""
