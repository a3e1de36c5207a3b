"""What a register counts over periods: duties, measures, rankings, reports."""
