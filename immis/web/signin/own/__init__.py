"""The own account: its data, second factors, keys and phone."""
