"""Questions over months."""
