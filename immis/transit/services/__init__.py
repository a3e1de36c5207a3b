"""Changing transit passes: the switch, registrations, applications, what the money does, entry and withdrawal."""
