"""Gateways of SMS: C-DAC Mobile Seva and NIC over HTTP, any operator over SMPP (A-09)."""
