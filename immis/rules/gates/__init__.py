"""The gate of a ghat in an outage: which quota it gets, and what is found when its book is taken in."""
