"""Addresses of the page beside a scale, and of the agent that does the same without a browser."""

from django.urls import path

from immis.web.station import pages

urlpatterns = [
    path("weighbridge/station/", pages.station, name="weighbridge_station"),
    path("weighbridge/agent/manifest.json", pages.manifest, name="agent_manifest"),
    path("weighbridge/agent/immis-agent.pyz", pages.agent_file, name="agent_file"),
]
