"""What everybody may see: the ghats, the way in, the state of the service, open data."""
